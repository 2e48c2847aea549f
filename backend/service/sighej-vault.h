/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-crypto.h"
#include "sighej-wire.h"

G_BEGIN_DECLS

/**
 * SighejVault:
 *
 * The one key file of a backend, and what is derived from it (DESIGN 3 "At rest"): a key per UTC
 * day for the hashes of interests, one for sealing labels, one for the tags of openings, one for
 * nudge ids, one for answers that are kept and one for what they are known by, one for tickets,
 * one for records and three for reports. Whoever holds the
 * file can undo them all; there is no forward secrecy against that. Derived keys are wiped when the
 * object goes; day keys are kept for two days and made again when needed.
 */
#define SIGHEJ_TYPE_VAULT (sighej_vault_get_type ())
G_DECLARE_FINAL_TYPE (SighejVault, sighej_vault, SIGHEJ, VAULT, GObject)

/**
 * sighej_vault_new_from_file:
 * @path: 32 bytes or more of key material, at most 4096; refused when others may read it
 * @create: make the file (0600, 32 random bytes) when it is not there: embedded mode only
 *
 * Errors: SIGHEJ_ERROR_CONFIG.
 */
SighejVault *sighej_vault_new_from_file (const char *path, gboolean create, GError **error);

/* The UTC day number of a wall time. */
guint32 sighej_vault_day (gint64 wall_us);

/* First 16 bytes of HMAC-SHA256 (key of @day, canonical interest). */
void
sighej_vault_hash_interest (SighejVault *self, guint32 day, const char *canonical, guint8 out[16]);

/* Seals the labels of a session under its id; @labels at most 20. */
GBytes *
sighej_vault_seal_labels (SighejVault *self, const char *session_id, const char *const *labels);
/* (nullable) (transfer container): the list and its strings are one block; NULL when the seal is
 * broken. */
char **sighej_vault_unseal_labels (SighejVault *self, const char *session_id, GBytes *sealed);

/* What a store knows an opening_id by: first 16 bytes of a keyed hash of it. */
void sighej_vault_tag_opening (SighejVault *self,
                               const guint8 opening_id[SIGHEJ_OPENING_ID_BYTES],
                               guint8 out[16]);

/* What a store knows a request by: a keyed hash of its @route and its Idempotency-Key. */
void sighej_vault_tag_request (SighejVault *self,
                               const char *route,
                               const char *key,
                               guint8 out[SIGHEJ_SHA256_BYTES]);

/* Seals the answer to a request, a text, under its tag. */
GBytes *
sighej_vault_seal_answer (SighejVault *self, const guint8 tag[SIGHEJ_SHA256_BYTES], GBytes *answer);
/* (nullable): NULL when the seal is broken. The bytes are wiped when the last reference goes. */
GBytes *sighej_vault_unseal_answer (SighejVault *self,
                                    const guint8 tag[SIGHEJ_SHA256_BYTES],
                                    GBytes *sealed);

/* The id of the one nudge two openings can get, by their tags: sighej_nudge_id(). */
void sighej_vault_nudge_id (SighejVault *self,
                            const guint8 opening_a[16],
                            const guint8 opening_b[16],
                            char out[33]);

/**
 * SighejNudgeTicket:
 * @nudge_id: of the encounter
 * @own: tag of the opening it was given to
 * @peer: tag of the other
 * @made_ms: wall clock of the process that gave it, since 1970
 *
 * What a nudge brings so that its receiver can prove, to any process with this key file, that it
 * was really nudged; nothing is kept about it. Each is sealed anew, so no two look alike.
 */
typedef struct
{
  char nudge_id[SIGHEJ_NUDGE_ID_CHARS + 1];
  guint8 own[16];
  guint8 peer[16];
  gint64 made_ms;
} SighejNudgeTicket;

/* base64url of at most %SIGHEJ_WIRE_TICKET_CHARS_MAX. */
char *sighej_vault_seal_ticket (SighejVault *self, const SighejNudgeTicket *ticket);
/* FALSE: none of ours, whatever is wrong with it. Its age is for the caller to judge. */
gboolean sighej_vault_unseal_ticket (SighejVault *self, const char *text, SighejNudgeTicket *out);

/* The value of a record of the store, sealed under its key. */
GBytes *sighej_vault_seal_record (SighejVault *self, const char *key, GBytes *plain);
/* (nullable): NULL when the seal is broken. The bytes are wiped when the last reference goes. */
GBytes *sighej_vault_unseal_record (SighejVault *self, const char *key, GBytes *sealed);

/* What the reports know a person by: a keyed hash of the tag of an opening, so that who has the
 * ledger and the store cannot join them. */
void sighej_vault_tag_person (SighejVault *self, const guint8 opening[16], guint8 out[16]);
/* What belongs to a report, sealed under @label, which says what it is. base64url. */
char *
sighej_vault_seal_case (SighejVault *self, const char *label, const guint8 *plain, gsize n_plain);
/* (nullable): NULL when the seal is broken, or of other things. Wiped as a record. */
GBytes *sighej_vault_unseal_case (SighejVault *self, const char *label, const char *sealed);
/* SIGHEJ_KEY_BYTES: seals the end of the audit. Any thread may use it while the vault lives. */
const guint8 *sighej_vault_get_audit_key (SighejVault *self);

/* Hides the tokens that a store must not give out again. */
const guint8 *sighej_vault_get_tombstone_key (SighejVault *self);

G_END_DECLS
