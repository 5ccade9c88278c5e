import './refusals.ts'
import './skills.ts'
import './modules.ts'
import './roles.ts'
import './ontology.ts'
import './institutions.ts'
import './viewer.ts'
import './learners.ts'
import './offerings.ts'
import './assessments.ts'
import './offers.ts'
import './awards.ts'
import './gaps.ts'
import './verification.ts'
import { builder } from './builder.ts'

/** The whole schema; each noun adds its types, queries and mutations when it is imported above. */
export const schema = builder.toSchema()
