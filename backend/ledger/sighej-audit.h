/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-crypto.h"
#include "sighej-sql.h"

G_BEGIN_DECLS

#define SIGHEJ_AUDIT_HASH_CHARS (2 * SIGHEJ_SHA256_BYTES)
#define SIGHEJ_AUDIT_ACTOR_CHARS_MAX 64

/*
 * The log of what was done about reports: rows are added and never changed. Each holds the SHA-256
 * of the one before it and of itself, so a row that was changed, taken out or put in is found. How
 * many there are and the last hash are sealed with a key that is not in the database, so that a
 * missing end is found too, and a chain that somebody computed anew.
 */

/**
 * SighejAuditor:
 * @key: SIGHEJ_KEY_BYTES, not in the database
 * @actor: who does it; a name of an operator, or of a part of ours
 *
 * Who does something, and when.
 */
typedef struct
{
  const guint8 *key;
  gint64 now_ms;
  const char *actor;
} SighejAuditor;

/* One row, as it is in the database. */
typedef struct
{
  gint64 id;
  gint64 at_ms;
  const char *actor;
  const char *deed;
  const char *subject; /* "report 7"; "": none */
  const char *digest;  /* of the subject as it was; "": none */
  const char *previous;
  const char *hash;
} SighejAuditRow;

/* The SHA-256, as hex, of texts, each with its length. */
void
sighej_audit_hash (const char *const *texts, guint n_texts, char out[SIGHEJ_AUDIT_HASH_CHARS + 1]);

/* Adds a row. For within a transaction that writes. Errors: as sighej_sql_query(). */
gboolean sighej_audit_add (SighejSql *sql,
                           const SighejAuditor *auditor,
                           const char *deed,
                           const char *subject,
                           const char *digest,
                           GError **error);

/**
 * sighej_audit_check_key:
 *
 * Whether the end is sealed with this key: who adds with another one hides a change. For an
 * operator's program; a backend goes on whatever there is.
 *
 * Errors: SIGHEJ_ERROR_CONFIG (it is not), and as sighej_sql_query().
 */
gboolean
sighej_audit_check_key (SighejSql *sql, const guint8 key[SIGHEJ_KEY_BYTES], GError **error);

/**
 * SighejAuditFinding:
 * @n_rows: that were read
 * @hash: the last one's: who notes it can see later that nothing before it has changed
 * @fault: (nullable): the first thing that is wrong, in words
 */
typedef struct
{
  gint64 n_rows;
  char hash[SIGHEJ_AUDIT_HASH_CHARS + 1];
  char *fault;
} SighejAuditFinding;

/* Notes what is wrong, unless something was. */
void sighej_audit_finding_fault (SighejAuditFinding *self, const char *format, ...)
    G_GNUC_PRINTF (2, 3);
void sighej_audit_finding_clear (SighejAuditFinding *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SighejAuditFinding, sighej_audit_finding_clear)

typedef void (*SighejAuditVisit) (const SighejAuditRow *row, gpointer user_data);

/**
 * sighej_audit_read:
 * @visit: called for every row, good or not, oldest first
 * @finding: (out): clear it
 *
 * Reads all and judges it. For within a transaction. Errors: as sighej_sql_query().
 */
gboolean sighej_audit_read (SighejSql *sql,
                            const guint8 key[SIGHEJ_KEY_BYTES],
                            SighejAuditVisit visit,
                            gpointer user_data,
                            SighejAuditFinding *finding,
                            GError **error);

G_END_DECLS
