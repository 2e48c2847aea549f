/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-audit.h"

G_BEGIN_DECLS

#define SIGHEJ_CASES_REPORTERS_TO_MUTE 3
#define SIGHEJ_CASES_MUTE_SECONDS (4 * 3600) /* no opening is known for longer */
#define SIGHEJ_CASES_KEPT_DAYS 30
#define SIGHEJ_CASES_A_PAIR_MAX 5 /* reports of one about one; what comes then is not kept */
#define SIGHEJ_CASES_APPEALS_MAX 5
#define SIGHEJ_CASES_LISTED_MAX 1000
#define SIGHEJ_CASES_IN_FORCE_MAX 1000
#define SIGHEJ_CASES_TAG_CHARS 32

/*
 * Reports about people, in the ledger's database (SECURITY-DESIGN T-14): what may be done with
 * them, each a work of SighejSqlThread or of a program that may wait. Tags, sealed texts and times
 * come from outside; nothing here can read them. Everything that is done is in the audit.
 *
 * The life of a report:
 *
 *   open --close--> closed --act--> acted      (it muted)
 *     |                |      `---> dismissed  (nothing was done, or what was done is undone)
 *     `------act-------'
 *
 * and 30 days later it is deleted, whatever it is. Three people whose reports about one are not
 * dismissed mute that one; so does an operator.
 */

/* ---- what the backend does ---- */

typedef struct
{
  char reporter[SIGHEJ_CASES_TAG_CHARS + 1]; /* keyed tags, hex */
  char reported[SIGHEJ_CASES_TAG_CHARS + 1];
  const char *reason;
  char *opening;                            /* of the reported, sealed */
  char *content;                            /* sealed */
  char request[SIGHEJ_CASES_TAG_CHARS + 1]; /* the same when it is sent again */
  gboolean counts;                          /* it will be kept, unless it is one too many */
} SighejCaseReport;
void sighej_case_report_clear (SighejCaseReport *self);

/**
 * sighej_cases_add_report:
 *
 * Keeps it, and mutes the reported when it is the third. One that does not count, comes again or is
 * one too many is written in the same way and taken back: whoever waits for the commit cannot tell
 * them apart. For within a transaction that writes. Errors: as sighej_sql_query().
 */
gboolean sighej_cases_add_report (SighejSql *sql,
                                  const SighejAuditor *auditor,
                                  const SighejCaseReport *report,
                                  GError **error);

/* Keeps an appeal of somebody who was reported; anybody else's is nothing to decide about, and is
 * taken back likewise. @request: as in SighejCaseReport */
gboolean sighej_cases_add_appeal (SighejSql *sql,
                                  const SighejAuditor *auditor,
                                  const char *reported,
                                  const char *content,
                                  const char *request,
                                  GError **error);

/* Deletes what is older than %SIGHEJ_CASES_KEPT_DAYS. */
gboolean sighej_cases_forget (SighejSql *sql, const SighejAuditor *auditor, GError **error);

/* What holds about one opening: muted until then, or, as somebody undid it, not. */
typedef struct
{
  char reported[SIGHEJ_CASES_TAG_CHARS + 1];
  char *opening; /* sealed */
  gboolean muted;
  gint64 until_ms;
} SighejCaseForce;
/* (element-type SighejCaseForce): the newest %SIGHEJ_CASES_IN_FORCE_MAX. */
GPtrArray *sighej_cases_read_in_force (SighejSql *sql, gint64 now_ms, GError **error);

/* ---- what operators do ---- */

typedef struct
{
  gint64 id;
  gint64 at_ms;
  char *reason;
  char *reporter;
  char *reported;
  char *opening;
  char *content;
  char *state;
  guint n_reporters;     /* of the same reported, whose reports are not dismissed */
  guint n_appeals;       /* likewise */
  gint64 muted_until_ms; /* 0: it is not */
} SighejCase;
void sighej_case_free (SighejCase *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejCase, sighej_case_free)

/* (element-type SighejCase): oldest first, at most %SIGHEJ_CASES_LISTED_MAX with id > @after.
 * @state: (nullable): only these */
GPtrArray *
sighej_cases_list (SighejSql *sql, const char *state, gint64 after, gint64 now_ms, GError **error);

/* Errors: also SIGHEJ_ERROR_NOT_FOUND. */
SighejCase *sighej_cases_find (SighejSql *sql, gint64 id, gint64 now_ms, GError **error);

/* What belongs to a case beside it: an appeal, or an action and its note. */
typedef struct
{
  gint64 id;
  gint64 at_ms;
  char *deed;    /* (nullable): of an action */
  char *actor;   /* (nullable): likewise */
  char *content; /* sealed; "": none */
} SighejCaseEvent;
/* (element-type SighejCaseEvent): about the same reported, oldest first. */
GPtrArray *sighej_cases_read_appeals (SighejSql *sql, const char *reported, GError **error);
GPtrArray *sighej_cases_read_actions (SighejSql *sql, const char *reported, GError **error);

/* Says in the audit that somebody read it. For within a transaction that writes. */
gboolean
sighej_cases_note_read (SighejSql *sql, const SighejAuditor *auditor, gint64 id, GError **error);

/* There is nothing more to do. For within a transaction that writes. */
gboolean sighej_cases_close (SighejSql *sql,
                             const SighejAuditor *auditor,
                             const SighejCase *report,
                             GError **error);

typedef enum
{
  SIGHEJ_CASE_NONE,
  SIGHEJ_CASE_MUTE,
  SIGHEJ_CASE_UNMUTE,
} SighejCaseDeed;

/**
 * sighej_cases_act:
 * @note: sealed; "": none
 *
 * Decides: nothing was wrong; the reported is muted; or is not any more, and nothing reported
 * until now counts. For within a transaction that writes.
 *
 * Errors: SIGHEJ_ERROR_EXPIRED (muting: the report is older than any opening can be).
 */
gboolean sighej_cases_act (SighejSql *sql,
                           const SighejAuditor *auditor,
                           const SighejCase *report,
                           SighejCaseDeed deed,
                           const char *note,
                           GError **error);

/**
 * sighej_cases_verify:
 *
 * As sighej_audit_read(), and that every report, appeal and action is there, as it was, and in the
 * state it was put into. For within a transaction.
 */
gboolean sighej_cases_verify (SighejSql *sql,
                              const guint8 key[SIGHEJ_KEY_BYTES],
                              SighejAuditFinding *finding,
                              GError **error);

G_END_DECLS
