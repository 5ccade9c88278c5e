import type { KeyChange as KeyChangeShape } from '#core/keys/manage-keys.ts'
import {
  type KeyHistoryEntry,
  keyRevocationReasons,
  keyStates,
  type SigningKey as SigningKeyShape,
} from '#core/keys/signing-key.ts'
import { parse } from '#core/parse.ts'
import { builder } from './builder.ts'
import { given } from './given.ts'

/** Loaded with the first question: operators ask few. */
const register = () => import('#core/keys/manage-keys.ts')

const SigningKey = builder.objectRef<SigningKeyShape>('SigningKey')
const KeyHistory = builder.objectRef<KeyHistoryEntry>('SigningKeyHistoryEntry')
const KeyChange = builder.objectRef<KeyChangeShape>('SigningKeyChange')
const KeyState = builder.enumType('SigningKeyState', {
  description:
    'next: published, does not sign yet. active: signs. retired: verifies what it signed. revoked: verifies nothing.',
  values: keyStates,
})
const Reason = builder.enumType('SigningKeyRevocationReason', { values: keyRevocationReasons })

SigningKey.implement({
  description: 'A signing key of an institution, or of the platform. The private part is never shown.',
  fields: (t) => ({
    kid: t.exposeString('kid', { description: 'RFC 7638 thumbprint.' }),
    state: t.field({ type: KeyState, resolve: ({ state }) => state }),
    location: t.exposeString('location', { description: 'Where the private key is.' }),
    registeredAt: t.field({
      type: 'DateTime',
      nullable: true,
      resolve: ({ history }) => history[0]?.at,
    }),
    usableFrom: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Of a next key: when it may become the active one.',
      resolve: (key) => (key.state === 'next' ? key.usableFrom : null),
    }),
    keepUntil: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Of a retired key: until when it stays published.',
      resolve: (key) => (key.state === 'retired' ? key.keepUntil : null),
    }),
    certificateEnds: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Null without a certificate, as for the platform’s keys.',
      resolve: async ({ tenant, kid, x5c }, _args, { ports }) => {
        const chain = x5c ?? (await ports.signers.published(tenant)).find((key) => key.kid === kid)?.x5c
        const [leaf] = chain ?? []
        if (leaf === undefined) return null
        // A large library that most requests never need.
        const { parseCertificate } = await import('#core/verification/x509.ts')
        return parseCertificate(leaf).notAfter
      },
    }),
    history: t.field({ type: [KeyHistory], resolve: ({ history }) => history }),
  }),
})

KeyHistory.implement({
  fields: (t) => ({
    state: t.field({ type: KeyState, resolve: ({ state }) => state }),
    at: t.field({ type: 'DateTime', resolve: ({ at }) => at }),
    by: t.exposeString('by'),
    reason: t.field({ type: Reason, nullable: true, resolve: ({ reason }) => reason }),
    note: t.exposeString('note', { nullable: true }),
  }),
})

KeyChange.implement({
  description: 'What a change of the keys did, or would do.',
  fields: (t) => ({
    dryRun: t.exposeBoolean('dryRun'),
    keys: t.field({ type: [SigningKey], resolve: ({ keys }) => keys }),
    credentialsLost: t.exposeInt('credentialsLost', {
      nullable: true,
      description: 'Credentials that no longer verify; counted up to 100,000.',
    }),
    verifiersMayLag: t.exposeBoolean('verifiersMayLag', {
      nullable: true,
      description: 'The key that takes over was not published long enough: some may refuse it for a while.',
    }),
  }),
})

builder.queryField('signingKeys', (t) =>
  t.field({
    type: [SigningKey],
    nullable: true,
    description: 'Of an institution (its slug) or of the platform (`platform`); without, the caller’s own.',
    authScopes: { may: 'manageKeys' },
    args: { institution: t.arg.string() },
    complexity: { multiplier: 10 },
    resolve: async (_root, { institution }, { actor, ports }) =>
      (await register()).listKeys(actor, institution ?? undefined, ports),
  }),
)

const PrepareInput = builder.inputType('PrepareSigningKeyInput', {
  fields: (t) => ({
    requestId: t.string({ required: true }),
    institution: t.string({ description: 'Slug, or `platform`; the caller’s own when absent.' }),
    location: t.string({ description: 'Address of a key in KMS, where the deployment cannot make keys.' }),
    dryRun: t.boolean({ description: 'Only says what would happen.' }),
  }),
})
const CertifyInput = builder.inputType('CertifySigningKeyInput', {
  fields: (t) => ({
    requestId: t.string({ required: true }),
    institution: t.string(),
    kid: t.string({ required: true }),
    chain: t.stringList({
      required: true,
      description: 'DER in base64, leaf first, without the anchor; at most 4.',
    }),
    dryRun: t.boolean(),
  }),
})
const ActivateInput = builder.inputType('ActivateSigningKeyInput', {
  fields: (t) => ({
    requestId: t.string({ required: true }),
    institution: t.string(),
    kid: t.string({ required: true }),
    dryRun: t.boolean(),
  }),
})
const RevokeInput = builder.inputType('RevokeSigningKeyInput', {
  fields: (t) => ({
    requestId: t.string({ required: true }),
    institution: t.string(),
    kid: t.string({ required: true }),
    reason: t.field({ type: Reason, required: true }),
    note: t.string({ description: 'For the institution’s own record.' }),
    location: t.string({ description: 'Where the key is that takes over, if none is prepared.' }),
    dryRun: t.boolean(),
  }),
})

builder.mutationFields((t) => ({
  prepareSigningKey: t.field({
    type: KeyChange,
    nullable: true,
    description: 'Registers and publishes a next key.',
    errors: { union: { name: 'PrepareSigningKeyResult' } },
    authScopes: { may: 'manageKeys' },
    args: { input: t.arg({ type: PrepareInput, required: true }) },
    resolve: async (_root, { input }, { actor, ports }) => {
      const { prepareKey, zPrepareKey } = await register()
      return prepareKey(actor, parse(zPrepareKey, given(input)), ports)
    },
  }),
  certifySigningKey: t.field({
    type: KeyChange,
    nullable: true,
    description: 'Gives a key its certificates.',
    errors: { union: { name: 'CertifySigningKeyResult' } },
    authScopes: { may: 'manageKeys' },
    args: { input: t.arg({ type: CertifyInput, required: true }) },
    resolve: async (_root, { input }, { actor, ports }) => {
      const { certifyKey, zCertifyKey } = await register()
      return certifyKey(actor, parse(zCertifyKey, given(input)), ports)
    },
  }),
  activateSigningKey: t.field({
    type: KeyChange,
    nullable: true,
    description: 'The next key signs; the one before retires and goes on verifying.',
    errors: { union: { name: 'ActivateSigningKeyResult' } },
    authScopes: { may: 'manageKeys' },
    args: { input: t.arg({ type: ActivateInput, required: true }) },
    resolve: async (_root, { input }, { actor, ports }) => {
      const { activateKey, zActivateKey } = await register()
      return activateKey(actor, parse(zActivateKey, given(input)), ports)
    },
  }),
  revokeSigningKey: t.field({
    type: KeyChange,
    nullable: true,
    description: 'Ends a key for good: nothing it signed verifies any more.',
    errors: { union: { name: 'RevokeSigningKeyResult' } },
    authScopes: { may: 'manageKeys' },
    args: { input: t.arg({ type: RevokeInput, required: true }) },
    resolve: async (_root, { input }, { actor, ports }) => {
      const { revokeKey, zRevokeKey } = await register()
      return revokeKey(actor, parse(zRevokeKey, given(input)), ports)
    },
  }),
}))
