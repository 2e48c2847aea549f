/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-case-seal.h"
#include "sighej-clock.h"
#include "sighej-store.h"
#include "sighej-throttle.h"

G_BEGIN_DECLS

#define SIGHEJ_CASEBOOK_WAITING_MAX 256     /* that are not written yet, then UNAVAILABLE */
#define SIGHEJ_CASEBOOK_WAIT_MS 5000        /* of each for the database, then UNAVAILABLE */
#define SIGHEJ_CASEBOOK_POLL_MS 2000        /* between two looks at what operators did */
#define SIGHEJ_CASEBOOK_RETRY_MS_MAX 2000   /* while the database is away */
#define SIGHEJ_CASEBOOK_FORGET_SECONDS 3600 /* between two deletions of what is 30 days old */
#define SIGHEJ_CASEBOOK_ASSERT_SECONDS 60   /* a store may have lost what it was told */
#define SIGHEJ_CASEBOOK_CALLS_MAX 64        /* of the store, a look */

/**
 * SighejCasebook:
 *
 * What a running backend does about reports (SECURITY-DESIGN T-14): takes them, writes them, and
 * carries out what the database says. Who reports or appeals is answered when the database has
 * committed it, and always alike; whether the report counts is seen from the ticket, and nobody is
 * told: one that does not is written too, as far as its time tells, and taken back in the same
 * transaction. After %SIGHEJ_CASEBOOK_WAIT_MS the answer is that it was not taken. It may be in the
 * database all the same then, when that was just writing it; sent again with the same key it is
 * one.
 *
 * Muting is a row in the database, whoever decided it: three reporters, or an operator at another
 * program. Each process looks there every %SIGHEJ_CASEBOOK_POLL_MS and makes or removes the record
 * of the store that sighej_store_sight() obeys, so a store that lost its data is told again:
 *
 *   idle --report, appeal--> writing --committed, answered--> looking --> idle
 *    ^ '--2 s--> looking       | no
 *    '----- waiting <----------'  0.1 to 2 s; what was to be written is kept for 5 s, then refused
 */
#define SIGHEJ_TYPE_CASEBOOK (sighej_casebook_get_type ())
G_DECLARE_FINAL_TYPE (SighejCasebook, sighej_casebook, SIGHEJ, CASEBOOK, GObject)

/* @reports_per_hour: of one opening, appeals counted in; 1 or more */
SighejCasebook *sighej_casebook_new (SighejSqlThread *thread,
                                     SighejStore *store,
                                     SighejVault *vault,
                                     SighejClock *clock,
                                     guint reports_per_hour);

/* For what comes from now on. */
void sighej_casebook_set_limit (SighejCasebook *self, guint reports_per_hour);

/* Called once, possibly before the call returns. @error: (nullable) */
typedef void (*SighejCasebookSaid) (const SighejQuota *quota,
                                    const GError *error,
                                    gpointer user_data);

/**
 * sighej_casebook_report:
 * @opening: tag of the reporter's
 * @key: (nullable): the request's Idempotency-Key, so that it is one report when it comes again
 *
 * Takes a report, and answers when it is written. It counts when its ticket says that this opening
 * was nudged with another in the last four hours.
 *
 * Errors: RATE_LIMITED (as those of SighejService), UNAVAILABLE (the database does not take it, too
 * many wait; it is not charged); neither depends on the ticket.
 */
void sighej_casebook_report (SighejCasebook *self,
                             const guint8 opening[SIGHEJ_OPENING_ID_BYTES],
                             const SighejWireReport *report,
                             const char *key,
                             SighejCasebookSaid said,
                             gpointer user_data);

/* Takes an appeal of the opening. Errors: likewise. */
void sighej_casebook_appeal (SighejCasebook *self,
                             const guint8 opening[SIGHEJ_OPENING_ID_BYTES],
                             const char *text,
                             const char *key,
                             SighejCasebookSaid said,
                             gpointer user_data);

/* Writes what waits and looks no more, for a clean stop. Errors: UNAVAILABLE; what waited was
 * refused. */
void sighej_casebook_finish_async (SighejCasebook *self,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
gboolean sighej_casebook_finish_finish (SighejCasebook *self, GAsyncResult *result, GError **error);

G_END_DECLS
