/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-casebook"

#include "config.h"

#include "sighej-casebook.h"

#include <string.h>

#include "sighej-backoff.h"
#include "sighej-error.h"
#include "sighej-metrics.h"

#define HOUR_US (3600 * (gint64) G_USEC_PER_SEC)
#define OPENINGS_MAX 65536 /* that reported in the last hour */
#define RETRY_MS_MIN 100
#define MUTED "1" /* a record says it by being there */
#define ACTOR "backend"
#define MUTE_KEY_CHARS (sizeof SIGHEJ_STORE_MUTE_PREFIX + 2 * SIGHEJ_OPENING_ID_BYTES)

struct _SighejCasebook
{
  GObject parent_instance;

  SighejSqlThread *thread;
  SighejStore *store;
  SighejVault *vault;
  SighejClock *clock;
  SighejThrottle *throttle; /* by opening */
  guint reports_per_hour;

  GQueue waiting;        /* of Entry, the oldest is the next to be written */
  gboolean is_busy;      /* the thread has something of ours */
  gconstpointer writing; /* (nullable): the oldest, when that is it */
  guint timer;
  SighejBackoff backoff;
  gboolean is_over; /* it looks no more */
  GTask *finishing; /* (nullable) */

  GHashTable *told;    /* what the store was told, by tag of the reported */
  gint64 assert_at_us; /* then all is told again */
  gint64 forget_at_us; /* then what is old is deleted */
};

/* Something to write: a report, or an appeal. */
typedef struct
{
  SighejCasebook *self; /* which has it in its queue */
  guint8 opening[SIGHEJ_OPENING_ID_BYTES];
  gint64 at_ms;
  SighejCaseReport report;
  char *appeal; /* (nullable): sealed; then only the reported and the request of @report are set */
  SighejCasebookSaid said; /* (nullable): NULL once it is answered */
  gpointer user_data;
  guint timer; /* until it is refused */
} Entry;

/* What the thread does, and what came of it. */
typedef struct
{
  SighejCasebook *self;
  SighejAuditor auditor;
  const Entry *entry; /* (nullable): lent, of writing */
  gboolean forget;    /* of looking */
  GPtrArray *forces;  /* of looking */
} Work;

G_DEFINE_FINAL_TYPE (SighejCasebook, sighej_casebook, G_TYPE_OBJECT)

static void step (SighejCasebook *self);

/* ---- life ---- */

static void
entry_free (Entry *entry)
{
  sighej_clock_clear (entry->self->clock, &entry->timer);
  sighej_case_report_clear (&entry->report);
  g_free (entry->appeal);
  g_free (entry);
}

static void
work_free (Work *work)
{
  g_clear_pointer (&work->forces, g_ptr_array_unref);
  g_object_unref (work->self);
  g_free (work);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Work, work_free)

static void
sighej_casebook_init (SighejCasebook *self)
{
  g_queue_init (&self->waiting);
  self->backoff = (SighejBackoff) SIGHEJ_BACKOFF_INIT (RETRY_MS_MIN, SIGHEJ_CASEBOOK_RETRY_MS_MAX);
  self->told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

/* ---- answers ---- */

static char *
dup_throttle_key (const guint8 opening[SIGHEJ_OPENING_ID_BYTES])
{
  char *key = g_malloc (2 * SIGHEJ_OPENING_ID_BYTES + 1);

  sighej_hex_encode (opening, SIGHEJ_OPENING_ID_BYTES, key);
  return key;
}

static void
tell_said (SighejCasebook *self,
           const guint8 opening[SIGHEJ_OPENING_ID_BYTES],
           const GError *error,
           SighejCasebookSaid said,
           gpointer user_data)
{
  g_autofree char *key = dup_throttle_key (opening);
  SighejThrottleLeft left
      = sighej_throttle_peek (self->throttle, key, sighej_clock_now_us (self->clock));
  SighejQuota quota = { .name = "reports",
                        .n_per_period = self->reports_per_hour,
                        .period_s = HOUR_US / G_USEC_PER_SEC };

  if (g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_RATE_LIMITED))
    left = (SighejThrottleLeft){ 0, sighej_error_get_retry_after_s (error) };
  quota.n_left = left.n_left;
  quota.full_s = left.full_s;
  said (&quota, error, user_data);
}

/* Once. */
static void
answer (Entry *entry, const GError *error)
{
  SighejCasebookSaid said = entry->said;

  entry->said = NULL;
  sighej_clock_clear (entry->self->clock, &entry->timer);
  if (said != NULL)
    tell_said (entry->self, entry->opening, error, said, entry->user_data);
}

/* It was not taken: nor does it count for the limit. */
static void
refuse (Entry *entry, const char *why)
{
  g_autofree char *key = dup_throttle_key (entry->opening);
  g_autoptr (GError) error = g_error_new_literal (SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE, why);

  if (entry->said == NULL)
    return;
  sighej_throttle_give_back (entry->self->throttle, key, sighej_clock_now_us (entry->self->clock));
  answer (entry, error);
}

/* Takes it out of the queue, whatever it was answered. */
static void
forget (Entry *entry)
{
  SighejCasebook *self = entry->self;

  g_queue_remove (&self->waiting, entry);
  sighej_metrics_set (SIGHEJ_METRIC_REPORTS_WAITING, 0, self->waiting.length);
  entry_free (entry);
}

static void
refuse_all (SighejCasebook *self, const char *why)
{
  while (self->waiting.length > 0)
    {
      refuse (self->waiting.head->data, why);
      forget (self->waiting.head->data);
    }
}

/* The database may be at it: then only the answer is made now. */
static gboolean
on_wait_over (gpointer user_data)
{
  Entry *entry = user_data;

  entry->timer = 0;
  refuse (entry, "the database does not take reports now, try again later");
  if (entry != entry->self->writing)
    forget (entry);
  return G_SOURCE_REMOVE;
}

static void
sighej_casebook_finalize (GObject *object)
{
  SighejCasebook *self = SIGHEJ_CASEBOOK (object);

  refuse_all (self, "the backend stops");
  sighej_clock_clear (self->clock, &self->timer);
  g_hash_table_unref (self->told);
  sighej_throttle_free (self->throttle);
  g_object_unref (self->thread);
  g_object_unref (self->store);
  g_object_unref (self->vault);
  g_object_unref (self->clock);

  G_OBJECT_CLASS (sighej_casebook_parent_class)->finalize (object);
}

static void
sighej_casebook_class_init (SighejCasebookClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sighej_casebook_finalize;
}

static SighejThrottleRule
make_rule (guint reports_per_hour)
{
  return (SighejThrottleRule){
    .n_burst = reports_per_hour,
    .n_per_period = reports_per_hour,
    .period_us = HOUR_US,
    .n_keys = OPENINGS_MAX,
  };
}

SighejCasebook *
sighej_casebook_new (SighejSqlThread *thread,
                     SighejStore *store,
                     SighejVault *vault,
                     SighejClock *clock,
                     guint reports_per_hour)
{
  SighejCasebook *self = g_object_new (SIGHEJ_TYPE_CASEBOOK, NULL);
  const SighejThrottleRule rule = make_rule (reports_per_hour);

  self->thread = g_object_ref (thread);
  self->store = g_object_ref (store);
  self->vault = g_object_ref (vault);
  self->clock = g_object_ref (clock);
  self->throttle = sighej_throttle_new (&rule);
  self->reports_per_hour = reports_per_hour;
  step (self);
  return self;
}

void
sighej_casebook_set_limit (SighejCasebook *self, guint reports_per_hour)
{
  const SighejThrottleRule rule = make_rule (reports_per_hour);

  self->reports_per_hour = reports_per_hour;
  sighej_throttle_set_rule (self->throttle, &rule);
}

/* ---- what the store is told ---- */

static gint64
get_now_ms (SighejCasebook *self)
{
  return sighej_clock_wall_us (self->clock) / 1000;
}

/* One mute on its way into the store, or out of it. */
typedef struct
{
  SighejCasebook *self;
  char reported[SIGHEJ_CASES_TAG_CHARS + 1];
  char key[MUTE_KEY_CHARS];
  gboolean muted;
  guint lifetime_ms;
} Telling;

static void
telling_free (Telling *telling)
{
  g_object_unref (telling->self);
  g_free (telling);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Telling, telling_free)

static gpointer
mark_of (gboolean muted)
{
  return muted ? GINT_TO_POINTER (1) : GINT_TO_POINTER (2);
}

/* What is not noted is told again at the next look. */
static void
on_told (gboolean swapped, guint64 version, const GError *error, gpointer user_data)
{
  g_autoptr (Telling) telling = user_data;

  if (error != NULL)
    g_info ("a mute is not in the store yet: %s", error->message);
  else if (swapped)
    g_hash_table_insert (
        telling->self->told, g_strdup (telling->reported), mark_of (telling->muted));
}

static void
on_read (const SighejStoreRecord *record, const GError *error, gpointer user_data)
{
  Telling *telling = user_data;
  gboolean is_there = error == NULL && record->value != NULL;
  g_autoptr (GBytes) value = telling->muted ? g_bytes_new_static (MUTED, strlen (MUTED)) : NULL;
  SighejStoreSwap swap = { .value = value, .lifetime_ms = telling->lifetime_ms };

  if (error != NULL || is_there == telling->muted)
    {
      on_told (TRUE, 0, error, telling);
      return;
    }
  swap.version = record->version;
  sighej_store_swap_record (telling->self->store, telling->key, &swap, on_told, telling);
}

/* Returns: whether the store is asked */
static gboolean
tell (SighejCasebook *self, const SighejCaseForce *force, gint64 now_ms)
{
  guint8 opening[SIGHEJ_OPENING_ID_BYTES];
  Telling *telling;

  if (force->until_ms <= now_ms
      || g_hash_table_lookup (self->told, force->reported) == mark_of (force->muted))
    return FALSE;
  if (!sighej_case_unseal_opening (self->vault, force->reported, force->opening, opening))
    {
      g_info ("a mute was sealed with another key file");
      return FALSE;
    }

  telling = g_new0 (Telling, 1);
  telling->self = g_object_ref (self);
  g_strlcpy (telling->reported, force->reported, sizeof telling->reported);
  g_strlcpy (telling->key, SIGHEJ_STORE_MUTE_PREFIX, sizeof telling->key);
  sighej_hex_encode (opening, sizeof opening, telling->key + strlen (SIGHEJ_STORE_MUTE_PREFIX));
  telling->muted = force->muted;
  telling->lifetime_ms = (guint) MIN (force->until_ms - now_ms,
                                      SIGHEJ_CASES_MUTE_SECONDS * G_GINT64_CONSTANT (1000));
  sighej_store_read_record (self->store, telling->key, on_read, telling);
  return TRUE;
}

static void
tell_all (SighejCasebook *self, const GPtrArray *forces)
{
  gint64 now_ms = get_now_ms (self);
  gint64 now_us = sighej_clock_now_us (self->clock);
  guint n_asked = 0;

  if (now_us >= self->assert_at_us)
    {
      g_hash_table_remove_all (self->told);
      self->assert_at_us = now_us + SIGHEJ_CASEBOOK_ASSERT_SECONDS * G_TIME_SPAN_SECOND;
    }
  for (guint i = 0; i < forces->len && n_asked < SIGHEJ_CASEBOOK_CALLS_MAX; i++)
    if (tell (self, forces->pdata[i], now_ms))
      n_asked++;
}

/* ---- the thread ---- */

static gboolean
write_entry (SighejSql *sql, gpointer data, GError **error)
{
  const Work *work = data;
  const Entry *entry = work->entry;

  return entry->appeal != NULL
             ? sighej_cases_add_appeal (sql,
                                        &work->auditor,
                                        entry->report.reported,
                                        entry->appeal,
                                        entry->report.request,
                                        error)
             : sighej_cases_add_report (sql, &work->auditor, &entry->report, error);
}

static gboolean
run_write (SighejSql *sql, gpointer data, GError **error)
{
  return sighej_sql_transact (sql, SIGHEJ_SQL_WRITE, write_entry, data, error);
}

static gboolean
forget_old (SighejSql *sql, gpointer data, GError **error)
{
  return sighej_cases_forget (sql, &((Work *) data)->auditor, error);
}

static gboolean
run_look (SighejSql *sql, gpointer data, GError **error)
{
  Work *work = data;

  if (work->forget && !sighej_sql_transact (sql, SIGHEJ_SQL_WRITE, forget_old, work, error))
    return FALSE;
  work->forces = sighej_cases_read_in_force (sql, work->auditor.now_ms, error);
  return work->forces != NULL;
}

/* ---- one thing after the other ---- */

static gboolean
on_timer (gpointer user_data)
{
  SighejCasebook *self = user_data;

  self->timer = 0;
  step (self);
  return G_SOURCE_REMOVE;
}

static void
arm (SighejCasebook *self, guint delay_ms)
{
  sighej_clock_clear (self->clock, &self->timer);
  self->timer = sighej_clock_add (self->clock, (gint64) delay_ms * 1000, on_timer, self);
}

static void
end_finish (SighejCasebook *self, const GError *error)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->finishing);

  if (error != NULL)
    g_task_return_error (task, g_error_copy (error));
  else
    g_task_return_boolean (task, TRUE);
}

/* Why the thread cannot is said by who has the database, and by the ledger. */
static void
fail (SighejCasebook *self, const GError *error)
{
  g_info ("reports wait: %s", error->message);
  if (self->finishing == NULL)
    {
      arm (self, sighej_backoff_next_ms (&self->backoff));
      return;
    }
  refuse_all (self, "the backend stops");
  end_finish (self, error);
}

static Work *
work_new (SighejCasebook *self, gint64 now_ms)
{
  Work *work = g_new0 (Work, 1);

  self->is_busy = TRUE;
  sighej_clock_clear (self->clock, &self->timer);
  work->self = g_object_ref (self);
  work->auditor = (SighejAuditor){ sighej_vault_get_audit_key (self->vault), now_ms, ACTOR };
  return work;
}

/* The oldest is in the database, or never will be. */
static void
end_writing (SighejCasebook *self, Entry *entry, const GError *error)
{
  if (error == NULL)
    {
      if (entry->appeal != NULL || entry->report.counts)
        sighej_metrics_add (SIGHEJ_METRIC_REPORTS,
                            entry->appeal != NULL ? SIGHEJ_APPEAL_TAKEN : SIGHEJ_REPORT_TAKEN,
                            1);
      answer (entry, NULL);
    }
  else
    {
      g_warning ("the database does not take a report: %s", error->message);
      refuse (entry, "the database does not take this");
    }
  forget (entry);
}

static void
on_written (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Work) work = user_data;
  SighejCasebook *self = work->self;
  g_autoptr (GError) error = NULL;
  Entry *entry = self->waiting.head->data;

  self->is_busy = FALSE;
  self->writing = NULL;
  if (!sighej_sql_thread_run_finish (SIGHEJ_SQL_THREAD (source), result, &error)
      && g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE))
    {
      if (entry->said == NULL)
        forget (entry);
      fail (self, error);
      return;
    }

  sighej_backoff_reset (&self->backoff);
  end_writing (self, entry, error);
  step (self);
}

static void
note_forgotten (SighejCasebook *self)
{
  gint64 now_us = sighej_clock_now_us (self->clock);

  sighej_throttle_prune (self->throttle, now_us);
  self->forget_at_us = now_us + SIGHEJ_CASEBOOK_FORGET_SECONDS * G_TIME_SPAN_SECOND;
}

static void
on_looked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Work) work = user_data;
  SighejCasebook *self = work->self;
  g_autoptr (GError) error = NULL;

  self->is_busy = FALSE;
  if (!sighej_sql_thread_run_finish (SIGHEJ_SQL_THREAD (source), result, &error))
    {
      fail (self, error);
      return;
    }

  sighej_backoff_reset (&self->backoff);
  if (work->forget)
    note_forgotten (self);
  tell_all (self, work->forces);
  if (self->waiting.length > 0 || self->finishing != NULL)
    step (self);
  else if (!self->is_over)
    arm (self, SIGHEJ_CASEBOOK_POLL_MS);
}

static void
write_next (SighejCasebook *self)
{
  const Entry *entry = self->waiting.head->data;
  Work *work = work_new (self, entry->at_ms);

  work->entry = entry;
  self->writing = entry;
  sighej_sql_thread_run_async (self->thread, run_write, work, on_written, work);
}

static void
look (SighejCasebook *self)
{
  Work *work = work_new (self, get_now_ms (self));

  work->forget = sighej_clock_now_us (self->clock) >= self->forget_at_us;
  sighej_sql_thread_run_async (self->thread, run_look, work, on_looked, work);
}

static void
step (SighejCasebook *self)
{
  if (self->is_busy)
    return;
  if (self->waiting.length > 0)
    write_next (self);
  else if (self->finishing != NULL)
    end_finish (self, NULL);
  else
    look (self);
}

/* ---- what people say ---- */

static gboolean
charge (SighejCasebook *self, const guint8 opening[SIGHEJ_OPENING_ID_BYTES], GError **error)
{
  gint64 now_us = sighej_clock_now_us (self->clock);
  g_autofree char *key = dup_throttle_key (opening);
  guint retry_after_s;

  if (sighej_throttle_take (self->throttle, key, NULL, now_us, &retry_after_s))
    return TRUE;
  sighej_metrics_add (SIGHEJ_METRIC_RATE_LIMITED, SIGHEJ_RULE_REPORTS, 1);
  g_propagate_error (error, sighej_error_new_rate_limited ("too many reports", retry_after_s));
  return FALSE;
}

/* Before anything is known of a ticket, so that neither says anything about it. */
static gboolean
admit (SighejCasebook *self, const guint8 opening[SIGHEJ_OPENING_ID_BYTES], GError **error)
{
  if (self->waiting.length < SIGHEJ_CASEBOOK_WAITING_MAX && !self->is_over)
    return charge (self, opening, error);
  g_set_error_literal (error,
                       SIGHEJ_ERROR,
                       SIGHEJ_ERROR_UNAVAILABLE,
                       "too many reports wait to be written, try again later");
  return FALSE;
}

/* (transfer full) (nullable): NULL when it is refused, which was answered. */
static Entry *
entry_new (SighejCasebook *self,
           const guint8 opening[SIGHEJ_OPENING_ID_BYTES],
           const char *key,
           SighejCasebookSaid said,
           gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  Entry *entry;

  if (!admit (self, opening, &error))
    {
      tell_said (self, opening, error, said, user_data);
      return NULL;
    }

  entry = g_new0 (Entry, 1);
  entry->self = self;
  memcpy (entry->opening, opening, sizeof entry->opening);
  entry->said = said;
  entry->user_data = user_data;
  sighej_case_seal_request (self->vault, opening, key, entry->report.request);
  return entry;
}

/* While the database is away, another try waits for its time. */
static void
take_entry (SighejCasebook *self, Entry *entry)
{
  entry->at_ms = get_now_ms (self);
  entry->timer = sighej_clock_add (
      self->clock, SIGHEJ_CASEBOOK_WAIT_MS * G_TIME_SPAN_MILLISECOND, on_wait_over, entry);
  g_queue_push_tail (&self->waiting, entry);
  sighej_metrics_set (SIGHEJ_METRIC_REPORTS_WAITING, 0, self->waiting.length);
  if (self->backoff.attempt == 0)
    step (self);
}

/* @ticket: (out): of another opening nobody has, when it is no good one */
static gboolean
is_good (SighejCasebook *self,
         const guint8 opening[SIGHEJ_OPENING_ID_BYTES],
         const char *text,
         SighejNudgeTicket *ticket)
{
  if (sighej_vault_unseal_ticket (self->vault, text, ticket)
      && sighej_equal_constant_time (ticket->own, opening, SIGHEJ_OPENING_ID_BYTES)
      && get_now_ms (self) - ticket->made_ms
             <= SIGHEJ_CASES_MUTE_SECONDS * G_GINT64_CONSTANT (1000))
    return TRUE;
  sighej_random_bytes (ticket->peer, sizeof ticket->peer);
  return FALSE;
}

void
sighej_casebook_report (SighejCasebook *self,
                        const guint8 opening[SIGHEJ_OPENING_ID_BYTES],
                        const SighejWireReport *report,
                        const char *key,
                        SighejCasebookSaid said,
                        gpointer user_data)
{
  Entry *entry = entry_new (self, opening, key, said, user_data);
  SighejNudgeTicket ticket;

  if (entry == NULL)
    return;
  entry->report.counts = is_good (self, opening, report->ticket, &ticket);
  sighej_case_seal_report (self->vault, opening, ticket.peer, report, &entry->report);
  take_entry (self, entry);
}

void
sighej_casebook_appeal (SighejCasebook *self,
                        const guint8 opening[SIGHEJ_OPENING_ID_BYTES],
                        const char *text,
                        const char *key,
                        SighejCasebookSaid said,
                        gpointer user_data)
{
  Entry *entry = entry_new (self, opening, key, said, user_data);

  if (entry == NULL)
    return;
  sighej_case_seal_tag (self->vault, opening, entry->report.reported);
  entry->appeal
      = sighej_case_seal_text (self->vault, SIGHEJ_CASE_APPEAL, entry->report.reported, text);
  take_entry (self, entry);
}

/* ---- the end ---- */

void
sighej_casebook_finish_async (SighejCasebook *self,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_return_if_fail (self->finishing == NULL);

  self->finishing = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (self->finishing, sighej_casebook_finish_async);
  self->is_over = TRUE;
  sighej_clock_clear (self->clock, &self->timer);
  if (self->waiting.length == 0)
    end_finish (self, NULL);
  else
    step (self);
}

gboolean
sighej_casebook_finish_finish (SighejCasebook *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
