/** The repositories and the actions above them, by the very tests that run on SQLite, on DynamoDB. */
import './worlds-on-dynamodb.ts'
import '../core/change-award-status.test.ts'
import '../core/deliver-once.test.ts'
import '../core/enrol.test.ts'
import '../core/record-assessment.test.ts'
import '../store/store.test.ts'
