import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/**
 * Judges every file of a folder as PDF/A-2u. One line per file: name, tab, the flavour it calls itself, tab,
 * `compliant` or `not compliant`, tab, the rules that failed.
 */
public final class VeraJudge {
    public static void main(String[] arguments) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        try (Stream<Path> files = Files.list(Path.of(arguments[0]))) {
            for (Path file : files.sorted().collect(Collectors.toList())) {
                System.out.println(file.getFileName() + "\t" + judge(file));
            }
        }
    }

    private static String judge(Path file) throws IOException {
        try (InputStream bytes = new FileInputStream(file.toFile());
                PDFAParser parser = Foundries.defaultInstance().createParser(bytes)) {
            PDFAValidator validator =
                    Foundries.defaultInstance().createValidator(PDFAFlavour.PDFA_2_U, false);
            ValidationResult result = validator.validate(parser);
            List<String> failed = result.getTestAssertions().stream()
                    .filter(one -> one.getStatus() == TestAssertion.Status.FAILED)
                    .map(one -> one.getRuleId().getClause() + "-" + one.getRuleId().getTestNumber() + " "
                            + one.getMessage().replaceAll("\\s+", " "))
                    .distinct()
                    .limit(12)
                    .collect(Collectors.toList());
            return parser.getFlavour() + "\t" + (result.isCompliant() ? "compliant" : "not compliant") + "\t"
                    + String.join(" | ", failed);
        } catch (Exception refused) {
            return "-\tnot compliant\t" + refused.getClass().getSimpleName();
        }
    }
}
