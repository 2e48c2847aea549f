/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-complaints.h"

#include "sighej-backoff.h"
#include "sighej-error.h"

#define COMPLAINT_US ((gint64) SIGHEJ_COMPLAINT_SECONDS * G_USEC_PER_SEC)

typedef struct
{
  SighejComplaints *complaints; /* (nullable): NULL once it is wiped here */
  const char *path;
  GBytes *body;
  char *key;
  gint64 until_us;
  gboolean on_way;
  GPtrArray *tasks; /* GTask: who waits for what becomes of this try */
} Complaint;

struct _SighejComplaints
{
  GObject parent_instance;

  SighejClock *clock;
  SighejLink *link;
  GPtrArray *all; /* Complaint, oldest first */
  SighejBackoff backoff;
  guint retry_wait;
  guint64 n_taken;
  guint64 n_lost;
  guint64 n_tries;
  guint64 n_failures;
};

G_DEFINE_FINAL_TYPE (SighejComplaints, sighej_complaints, G_TYPE_OBJECT)

/* ---- one ---- */

static void
complaint_clear (gpointer data)
{
  Complaint *complaint = data;

  g_bytes_unref (complaint->body);
  g_free (complaint->key);
  g_ptr_array_unref (complaint->tasks);
}

static void
complaint_unref (gpointer complaint)
{
  g_rc_box_release_full (complaint, complaint_clear);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Complaint, complaint_unref)

static Complaint *
complaint_new (SighejComplaints *self, const char *path, GBytes *body)
{
  Complaint *complaint = g_rc_box_new0 (Complaint);

  complaint->complaints = self;
  complaint->path = path;
  complaint->body = g_bytes_ref (body);
  complaint->key = g_uuid_string_random ();
  complaint->until_us = sighej_clock_now_us (self->clock) + COMPLAINT_US;
  complaint->tasks = g_ptr_array_new_with_free_func (g_object_unref);
  return complaint;
}

/* Who asked hears it once. @error: (nullable) */
static void
answer (Complaint *complaint, const GError *error)
{
  g_autoptr (GPtrArray) tasks = g_steal_pointer (&complaint->tasks);

  complaint->tasks = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < tasks->len; i++)
    if (error != NULL)
      g_task_return_error (tasks->pdata[i], g_error_copy (error));
    else
      g_task_return_boolean (tasks->pdata[i], TRUE);
}

/* ---- all ---- */

/* What is on its way lives until its answer, which nobody hears. */
static void
wipe (SighejComplaints *self, Complaint *complaint)
{
  complaint->complaints = NULL;
  g_ptr_array_remove (self->all, complaint);
}

static void
lose (SighejComplaints *self, Complaint *complaint)
{
  g_autoptr (GError) error
      = g_error_new_literal (SIGHEJ_ERROR,
                             SIGHEJ_ERROR_NOT_OPEN,
                             "it was closed before the backend had taken it; nothing is kept");

  g_message ("what was to be said to the backend's operators was not taken and is wiped");
  self->n_lost++;
  answer (complaint, error);
  wipe (self, complaint);
}

void
sighej_complaints_clear (SighejComplaints *self)
{
  while (self->all->len > 0)
    lose (self, self->all->pdata[0]);
  if (self->clock != NULL)
    sighej_clock_clear (self->clock, &self->retry_wait);
}

static void
sighej_complaints_init (SighejComplaints *self)
{
  self->all = g_ptr_array_new_with_free_func (complaint_unref);
  self->backoff = (SighejBackoff) SIGHEJ_BACKOFF_INIT (SIGHEJ_COMPLAINT_RETRY_MS_MIN,
                                                       SIGHEJ_COMPLAINT_RETRY_MS_MAX);
}

static void
sighej_complaints_dispose (GObject *object)
{
  SighejComplaints *self = SIGHEJ_COMPLAINTS (object);

  sighej_complaints_clear (self);
  g_clear_object (&self->link);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (sighej_complaints_parent_class)->dispose (object);
}

static void
sighej_complaints_finalize (GObject *object)
{
  g_ptr_array_unref (SIGHEJ_COMPLAINTS (object)->all);

  G_OBJECT_CLASS (sighej_complaints_parent_class)->finalize (object);
}

static void
sighej_complaints_class_init (SighejComplaintsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sighej_complaints_dispose;
  G_OBJECT_CLASS (klass)->finalize = sighej_complaints_finalize;
}

/* ---- trying ---- */

static void try_all (SighejComplaints *self);

static gboolean
on_retry (gpointer user_data)
{
  SighejComplaints *self = user_data;

  self->retry_wait = 0;
  try_all (self);
  return G_SOURCE_REMOVE;
}

static void
arm (SighejComplaints *self)
{
  if (self->retry_wait == 0)
    self->retry_wait = sighej_clock_add (
        self->clock, sighej_backoff_next_ms (&self->backoff) * (gint64) 1000, on_retry, self);
}

/* Asking the same again later may help. Nobody waits for what is tried again, so nothing that has
 * an end is a reason to give it up. */
static gboolean
is_passing (const Complaint *complaint, const GError *error)
{
  static const SighejError codes[] = {
    SIGHEJ_ERROR_OFFLINE, SIGHEJ_ERROR_UNAVAILABLE, SIGHEJ_ERROR_FAILED, SIGHEJ_ERROR_UNAUTHORIZED
  };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    if (g_error_matches (error, SIGHEJ_ERROR, codes[i]))
      return TRUE;
  return complaint->tasks->len == 0
         && (g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_OPEN)
             || g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_RATE_LIMITED));
}

static void
keep (SighejComplaints *self, Complaint *complaint, const GError *why)
{
  g_autoptr (GError) error = g_error_new_literal (
      SIGHEJ_ERROR,
      SIGHEJ_ERROR_OFFLINE,
      "the backend has not taken it yet; it is kept here and sent again until you close");

  g_info ("the backend did not take it: %s", why->message);
  self->n_failures++;
  answer (complaint, error);
  arm (self);
}

static void
settle (SighejComplaints *self, Complaint *complaint, const GError *error)
{
  complaint->on_way = FALSE;
  if (error != NULL && is_passing (complaint, error))
    {
      keep (self, complaint, error);
      return;
    }

  if (error == NULL)
    {
      self->n_taken++;
      sighej_backoff_reset (&self->backoff);
    }
  else if (complaint->tasks->len == 0)
    {
      lose (self, complaint);
      return;
    }
  answer (complaint, error);
  wipe (self, complaint);
}

static void
on_posted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Complaint) complaint = user_data;
  g_autoptr (GError) error = NULL;

  sighej_link_post_finish (SIGHEJ_LINK (source), result, &error);
  if (complaint->complaints != NULL)
    settle (complaint->complaints, complaint, error);
}

static void
try_one (SighejComplaints *self, Complaint *complaint)
{
  if (complaint->on_way)
    return;

  complaint->on_way = TRUE;
  self->n_tries++;
  sighej_link_post_async (self->link,
                          complaint->path,
                          complaint->key,
                          complaint->body,
                          on_posted,
                          g_rc_box_acquire (complaint));
}

static void
try_all (SighejComplaints *self)
{
  gint64 now_us = sighej_clock_now_us (self->clock);
  Complaint *oldest;

  while (self->all->len > 0 && (oldest = self->all->pdata[0])->until_us <= now_us)
    lose (self, oldest);
  for (guint i = 0; i < self->all->len; i++)
    try_one (self, self->all->pdata[i]);
}

static void
on_link_state (SighejComplaints *self)
{
  if (self->all->len > 0 && sighej_link_get_state (self->link) == SIGHEJ_BACKEND_STATE_ONLINE)
    try_all (self);
}

SighejComplaints *
sighej_complaints_new (SighejClock *clock, SighejLink *link)
{
  SighejComplaints *self = g_object_new (SIGHEJ_TYPE_COMPLAINTS, NULL);

  self->clock = g_object_ref (clock);
  self->link = g_object_ref (link);
  g_signal_connect_object (
      link, "notify::state", G_CALLBACK (on_link_state), self, G_CONNECT_SWAPPED);
  return self;
}

/* ---- what the person says ---- */

/* (nullable): the same, said before. */
static Complaint *
find (SighejComplaints *self, const char *path, GBytes *body)
{
  for (guint i = 0; i < self->all->len; i++)
    {
      Complaint *complaint = self->all->pdata[i];

      if (g_str_equal (complaint->path, path) && g_bytes_equal (complaint->body, body))
        return complaint;
    }
  return NULL;
}

void
sighej_complaints_send_async (SighejComplaints *self,
                              const char *path,
                              GBytes *body,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  Complaint *complaint = find (self, path, body);

  g_task_set_source_tag (task, sighej_complaints_send_async);
  if (complaint == NULL && self->all->len >= SIGHEJ_COMPLAINTS_MAX)
    {
      g_task_return_new_error (task,
                               SIGHEJ_ERROR,
                               SIGHEJ_ERROR_RATE_LIMITED,
                               "too many wait for the backend already, try again in %d s",
                               SIGHEJ_COMPLAINT_RETRY_MS_MAX / 1000);
      return;
    }

  if (complaint == NULL)
    {
      complaint = complaint_new (self, path, body);
      g_ptr_array_add (self->all, complaint);
    }
  g_ptr_array_add (complaint->tasks, g_steal_pointer (&task));
  try_one (self, complaint);
}

gboolean
sighej_complaints_send_finish (SighejComplaints *self, GAsyncResult *result, GError **error)
{
  g_assert (g_task_is_valid (result, self));

  return g_task_propagate_boolean (G_TASK (result), error);
}

void
sighej_complaints_count (SighejComplaints *self, GVariantBuilder *counters)
{
  g_variant_builder_add (counters, "{st}", "complaints.taken", self->n_taken);
  g_variant_builder_add (counters, "{st}", "complaints.waiting", (guint64) self->all->len);
  g_variant_builder_add (counters, "{st}", "complaints.lost", self->n_lost);
  g_variant_builder_add (counters, "{st}", "complaints.tries", self->n_tries);
  g_variant_builder_add (counters, "{st}", "complaints.failures", self->n_failures);
}
