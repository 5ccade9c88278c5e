export type Path = (string | number)[]

/** Something a curator should know: an error stops check, publication and start, a warning does not. */
export interface Finding {
  /** Number of the validation rule, 1 to 11; 0 for a file that cannot be read or has the wrong shape. */
  rule: number
  severity: 'error' | 'warning'
  /** Relative to the ontology's folder. */
  file: string
  path: Path
  line?: number
  message: string
}

/** `skills/foundations.yaml:12 skills.python-programming.label.fr: … (rule 3)` */
export function describe({ rule, severity, file, path, line, message }: Finding): string {
  const place = line === undefined ? file : `${file}:${line}`
  const key = path.length === 0 ? '' : ` ${path.join('.')}`
  return `${severity} ${place}${key}: ${message} (${rule === 0 ? 'shape' : `rule ${rule}`})`
}
