import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.spi.x509.revocation.crl.ExternalResourcesCRLSource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import eu.europa.esig.dss.validation.reports.Reports;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Judges every file in FOLDER/cases against the trust anchors in FOLDER/anchors and the revocation lists in
 * FOLDER/crls (all DER), with the validator's own default policy and no network. One line per file:
 * name, tab, indication, tab, sub-indication, tab, level of the signature, tab, indications of its time stamps.
 */
public final class DssJudge {
    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        CommonTrustedCertificateSource trusted = new CommonTrustedCertificateSource();
        for (Path anchor : filesOf(folder.resolve("anchors"))) {
            trusted.addCertificate(DSSUtils.loadCertificate(Files.readAllBytes(anchor)));
        }
        InputStream[] lists = filesOf(folder.resolve("crls")).stream().map(DssJudge::open).toArray(InputStream[]::new);
        ExternalResourcesCRLSource revocations = new ExternalResourcesCRLSource(lists);

        for (Path file : filesOf(folder.resolve("cases"))) {
            System.out.println(file.getFileName() + "\t" + judge(file, trusted, revocations));
        }
    }

    private static String judge(
            Path file, CommonTrustedCertificateSource trusted, ExternalResourcesCRLSource revocations) {
        CommonCertificateVerifier verifier = new CommonCertificateVerifier();
        verifier.setTrustedCertSources(trusted);
        verifier.setCrlSource(revocations);
        try {
            SignedDocumentValidator validator =
                    SignedDocumentValidator.fromDocument(new FileDocument(file.toFile()));
            validator.setCertificateVerifier(verifier);
            Reports reports = validator.validateDocument();
            SimpleReport report = reports.getSimpleReport();
            List<String> signatures = report.getSignatureIdList();
            if (signatures.size() != 1) return "UNREADABLE\t" + signatures.size() + " signatures\t-\t-";
            String id = signatures.get(0);
            String stamps = report.getSignatureTimestamps(id).stream()
                    .map(stamp -> String.valueOf(stamp.getIndication()))
                    .collect(Collectors.joining(","));
            return report.getIndication(id) + "\t" + report.getSubIndication(id) + "\t"
                    + report.getSignatureFormat(id) + "\t" + (stamps.isEmpty() ? "-" : stamps);
        } catch (RuntimeException refused) {
            refused.printStackTrace();
            return "UNREADABLE\t" + refused.getClass().getSimpleName() + "\t-\t-";
        }
    }

    private static List<Path> filesOf(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().collect(Collectors.toList());
        }
    }

    private static InputStream open(Path file) {
        try {
            return new ByteArrayInputStream(Files.readAllBytes(file));
        } catch (IOException cause) {
            throw new IllegalStateException(cause);
        }
    }
}
