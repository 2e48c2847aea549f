/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-service"

#include "config.h"

#include "sighej-service.h"

#include <string.h>

#include "sighej-allowance.h"
#include "sighej-error.h"
#include "sighej-labels.h"
#include "sighej-registration.h"
#include "sighej-session-view.h"
#include "sighej-span.h"
#include "sighej-statistics.h"

#define SECRET_CHARS_MAX 64

struct _SighejService
{
  GObject parent_instance;

  SighejStore *store;
  SighejLedger *ledger;
  SighejVault *vault;
  SighejVocabulary *vocabulary;
  SighejClock *clock;
  SighejAuthMode auth_mode;
  SighejMatchPolicy policy;
  SighejServiceLimits limits;

  /* (nullable): while a match is told, what its reporter's labels were unsealed from, and they */
  GBytes *sealed_labels;
  char **labels;

  SighejTally *tally;
  SighejAllowance *allowance;
};

G_DEFINE_FINAL_TYPE (SighejService, sighej_service, G_TYPE_OBJECT)

enum
{
  SIGNAL_OUTBOX,
  SIGNAL_ENDED,
  SIGNAL_DISPLACED,
  SIGNAL_LOST,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];
static const char *const signal_names[N_SIGNALS] = { "outbox", "ended", "displaced", "lost" };

/* Life */

static void
sighej_service_init (SighejService *self)
{
}

static void
sighej_service_finalize (GObject *object)
{
  SighejService *self = SIGHEJ_SERVICE (object);

  sighej_allowance_free (self->allowance);
  g_object_unref (self->tally);
  g_object_unref (self->store);
  g_object_unref (self->ledger);
  g_object_unref (self->vault);
  g_object_unref (self->vocabulary);
  g_object_unref (self->clock);

  G_OBJECT_CLASS (sighej_service_parent_class)->finalize (object);
}

static void
sighej_service_class_init (SighejServiceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sighej_service_finalize;

  for (guint i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new (signal_names[i],
                               SIGHEJ_TYPE_SERVICE,
                               G_SIGNAL_RUN_LAST,
                               0,
                               NULL,
                               NULL,
                               NULL,
                               G_TYPE_NONE,
                               1,
                               G_TYPE_STRING | G_SIGNAL_TYPE_STATIC_SCOPE);
}

/* What another process did to a session that has a socket here. */

static void
on_store_outbox (SighejStore *store, const char *session_id, SighejService *self)
{
  g_signal_emit (self, signals[SIGNAL_OUTBOX], 0, session_id);
}

static void
on_store_displaced (SighejStore *store, const char *session_id, SighejService *self)
{
  g_signal_emit (self, signals[SIGNAL_DISPLACED], 0, session_id);
}

static void
on_store_ended (SighejStore *store, const char *session_id, SighejService *self)
{
  sighej_allowance_forget (self->allowance, session_id);
  g_signal_emit (self, signals[SIGNAL_ENDED], 0, session_id);
}

static void
on_store_gone (SighejStore *store, const char *session_id, SighejService *self)
{
  sighej_allowance_forget (self->allowance, session_id);
  g_signal_emit (self, signals[SIGNAL_LOST], 0, session_id);
}

static void
watch_store (SighejService *self)
{
  g_signal_connect_object (self->store, "outbox", G_CALLBACK (on_store_outbox), self, 0);
  g_signal_connect_object (self->store, "displaced", G_CALLBACK (on_store_displaced), self, 0);
  g_signal_connect_object (self->store, "ended", G_CALLBACK (on_store_ended), self, 0);
  g_signal_connect_object (self->store, "gone", G_CALLBACK (on_store_gone), self, 0);
}

SighejService *
sighej_service_new (SighejStore *store,
                    SighejLedger *ledger,
                    SighejVault *vault,
                    SighejVocabulary *vocabulary,
                    SighejClock *clock,
                    SighejAuthMode auth_mode,
                    SighejMatchPolicy policy,
                    const SighejServiceLimits *limits)
{
  SighejService *self = g_object_new (SIGHEJ_TYPE_SERVICE, NULL);

  self->store = g_object_ref (store);
  self->ledger = g_object_ref (ledger);
  self->vault = g_object_ref (vault);
  self->vocabulary = g_object_ref (vocabulary);
  self->clock = g_object_ref (clock);
  self->auth_mode = auth_mode;
  self->allowance = sighej_allowance_new (clock, &limits->allowance);
  sighej_service_set_limits (self, policy, limits);
  self->tally = sighej_tally_new (store, ledger, clock);
  watch_store (self);
  return self;
}

void
sighej_service_set_limits (SighejService *self,
                           SighejMatchPolicy policy,
                           const SighejServiceLimits *limits)
{
  self->policy = self->auth_mode == SIGHEJ_AUTH_LEGACY ? SIGHEJ_MATCH_LEGACY : policy;
  self->limits = *limits;
  sighej_allowance_set_rules (self->allowance, &limits->allowance);
}

SighejAuthMode
sighej_service_get_auth_mode (SighejService *self)
{
  return self->auth_mode;
}

/* Limits */

void
sighej_service_get_sighting_quota (SighejService *self,
                                   const char *session_id,
                                   const GError *error,
                                   SighejQuota *quota)
{
  sighej_allowance_get_sighting_quota (self->allowance, session_id, error, quota);
}

gboolean
sighej_service_get_session_quota (SighejService *self,
                                  const char *address,
                                  const GError *error,
                                  SighejQuota *quota)
{
  return sighej_allowance_get_session_quota (self->allowance, address, error, quota);
}

gboolean
sighej_service_take_message (SighejService *self,
                             SighejServicePlaces *places,
                             const char *session_id,
                             GError **error)
{
  return sighej_allowance_take_message (self->allowance, &places->messages, session_id, error);
}

static GError *
new_error (SighejError code, const char *message)
{
  return g_error_new_literal (SIGHEJ_ERROR, code, message);
}

/* The store knows sessions; who calls it without one is not who they say. */
static GError *
to_unauthorized (const GError *error)
{
  if (g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_FOUND))
    return new_error (SIGHEJ_ERROR_UNAUTHORIZED, "the session is over or was never yours");
  return g_error_copy (error);
}

/* Opening a session */

typedef struct
{
  SighejService *self;
  SighejServiceOpened opened;
  gpointer user_data;
  SighejRegistration *registration;
} OpenCall;

static void
open_call_free (OpenCall *call)
{
  sighej_registration_free (call->registration);
  g_object_unref (call->self);
  g_free (call);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OpenCall, open_call_free)

static void
on_added (const GError *error, gpointer user_data)
{
  g_autoptr (OpenCall) call = user_data;

  if (error != NULL)
    {
      call->opened (NULL, error, call->user_data);
      return;
    }

  sighej_tally_note (call->self->tally);
  call->opened (&call->registration->answer, NULL, call->user_data);
}

static void
on_replaced (const GError *error, gpointer user_data)
{
  OpenCall *call = user_data;

  if (error != NULL)
    on_added (error, call);
  else
    sighej_store_add_session (call->self->store, &call->registration->session, on_added, call);
}

/* The first contract: who registers a token again means the same person. */
static void
on_looked_for_old (const SighejStoreInfo *info, const GError *error, gpointer user_data)
{
  OpenCall *call = user_data;

  if (info != NULL)
    sighej_service_end_session (call->self, info->id, on_replaced, call);
  else if (g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_FOUND))
    on_replaced (NULL, call);
  else
    on_replaced (error, call);
}

static void
register_session (SighejService *self,
                  SighejRegistration *registration,
                  SighejServiceOpened opened,
                  gpointer user_data)
{
  OpenCall *call = g_new (OpenCall, 1);

  *call = (OpenCall){ g_object_ref (self), opened, user_data, registration };
  if (self->auth_mode == SIGHEJ_AUTH_LEGACY)
    sighej_store_find_by_token (self->store, registration->tokens[0].text, on_looked_for_old, call);
  else
    on_replaced (NULL, call);
}

void
sighej_service_open_session (SighejService *self,
                             const SighejWireSessionRequest *request,
                             const char *address,
                             SighejServiceOpened opened,
                             gpointer user_data)
{
  SighejRegistration *registration = NULL;
  g_autoptr (GError) error = NULL;

  if (sighej_allowance_take_session (self->allowance, address, &error))
    registration = sighej_registration_new (request,
                                            self->vault,
                                            self->vocabulary,
                                            sighej_clock_wall_us (self->clock),
                                            self->limits.session_ttl_s,
                                            self->auth_mode == SIGHEJ_AUTH_BEARER,
                                            &error);
  if (registration != NULL)
    register_session (self, registration, opened, user_data);
  else
    opened (NULL, error, user_data);
}

/* Finding a session */

typedef struct
{
  SighejStoreFound found;
  gpointer user_data;
  char *first_token; /* (nullable): the session must have this name */
} FindCall;

static void
find_call_free (FindCall *call)
{
  g_free (call->first_token);
  g_free (call);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FindCall, find_call_free)

static FindCall *
find_call_new (SighejStoreFound found, gpointer user_data)
{
  FindCall *call = g_new0 (FindCall, 1);

  call->found = found;
  call->user_data = user_data;
  return call;
}

static void
on_found_by_secret (const SighejStoreInfo *info, const GError *error, gpointer user_data)
{
  g_autoptr (FindCall) call = user_data;
  g_autoptr (GError) refusal = error != NULL ? to_unauthorized (error) : NULL;

  call->found (info, refusal, call->user_data);
}

void
sighej_service_authenticate (SighejService *self,
                             const char *secret,
                             SighejStoreFound found,
                             gpointer user_data)
{
  guint8 hash[SIGHEJ_SHA256_BYTES];

  sighej_sha256 ((const guint8 *) secret, strnlen (secret, SECRET_CHARS_MAX + 1), hash);
  sighej_store_find_by_secret (
      self->store, hash, on_found_by_secret, find_call_new (found, user_data));
}

static void
on_found_by_token (const SighejStoreInfo *info, const GError *error, gpointer user_data)
{
  g_autoptr (FindCall) call = user_data;
  g_autoptr (GError) other_token = NULL;

  if (info != NULL && call->first_token != NULL
      && !g_str_equal (info->first_token, call->first_token))
    {
      other_token = new_error (SIGHEJ_ERROR_NOT_FOUND, "there is no such session");
      call->found (NULL, other_token, call->user_data);
      return;
    }
  call->found (info, error, call->user_data);
}

void
sighej_service_find (SighejService *self,
                     const char *token,
                     SighejStoreFound found,
                     gpointer user_data)
{
  FindCall *call = find_call_new (found, user_data);

  if (self->auth_mode != SIGHEJ_AUTH_LEGACY)
    call->first_token = g_strdup (token);
  sighej_store_find_by_token (self->store, token, on_found_by_token, call);
}

/* Ending a session */

typedef struct
{
  SighejService *self;
  SighejStoreDone done;
  gpointer user_data;
  char session_id[SIGHEJ_UUID_CHARS + 1];
} EndCall;

static void
on_ended (const GError *error, gpointer user_data)
{
  g_autofree EndCall *call = user_data;
  g_autoptr (SighejService) self = call->self;

  if (error == NULL)
    {
      sighej_allowance_forget (self->allowance, call->session_id);
      g_signal_emit (self, signals[SIGNAL_ENDED], 0, call->session_id);
    }
  call->done (error, call->user_data);
}

void
sighej_service_end_session (SighejService *self,
                            const char *session_id,
                            SighejStoreDone done,
                            gpointer user_data)
{
  EndCall *call = g_new0 (EndCall, 1);

  call->self = g_object_ref (self);
  call->done = done;
  call->user_data = user_data;
  g_strlcpy (call->session_id, session_id, sizeof call->session_id);
  sighej_store_end_session (self->store, call->session_id, on_ended, call);
}

char *
sighej_service_describe (SighejService *self, const SighejStoreInfo *info)
{
  return sighej_session_view_write (
      info, self->vault, self->vocabulary, sighej_clock_wall_us (self->clock));
}

/* Sightings */

typedef struct
{
  SighejService *self;
  SighejServiceSighted sighted;
  gpointer user_data;
  char session_id[SIGHEJ_UUID_CHARS + 1];
  SighejSpan *span; /* (nullable) */
} SightCall;

static void
sight_call_free (SightCall *call)
{
  sighej_span_end (call->span, FALSE);
  sighej_span_unref (call->span);
  g_object_unref (call->self);
  g_free (call);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SightCall, sight_call_free)

static void
wake (SightCall *call, const char *peer_id)
{
  char id[SIGHEJ_UUID_CHARS + 1];

  g_strlcpy (id, peer_id, sizeof id);
  g_signal_emit (call->self, signals[SIGNAL_OUTBOX], 0, id);
  g_signal_emit (call->self, signals[SIGNAL_OUTBOX], 0, call->session_id);
}

/* A nudge that is read meanwhile needs the same labels as the answer. */
static void
wake_knowing (SightCall *call, const SighejStoreSight *sight, char **labels)
{
  SighejService *self = call->self;

  self->sealed_labels = sight->own->sealed_labels;
  self->labels = labels;
  wake (call, sight->peer_id);
  self->sealed_labels = NULL;
  self->labels = NULL;
}

/* In the caller's own words. */
static void
tell_match (SightCall *call, const SighejStoreSight *sight)
{
  g_autoptr (GError) problem = NULL;
  char **labels = sighej_labels_unseal (call->self->vault, sight->own, &problem);
  SighejServiceSight match = { .match = TRUE, .nudge_sent = sight->peer_attached };
  g_autofree const char **shared = NULL;

  if (sight->wake)
    wake_knowing (call, sight, labels);
  if (labels == NULL)
    {
      call->sighted (NULL, problem, call->user_data);
      return;
    }

  shared = sighej_labels_pick (labels, sight->own_mask);
  match.shared_interests = shared;
  call->sighted (&match, NULL, call->user_data);
  sighej_labels_wipe (labels);
}

static void
on_sighted (const SighejStoreSight *sight, const GError *error, gpointer user_data)
{
  static const char *const none[] = { NULL };
  const SighejServiceSight no_match = { .shared_interests = none };
  g_autoptr (SightCall) call = user_data;
  g_autoptr (GError) refusal = error != NULL ? to_unauthorized (error) : NULL;

  if (refusal != NULL)
    {
      call->sighted (NULL, refusal, call->user_data);
      return;
    }

  sighej_tally_note (call->self->tally);
  if (sight->match)
    tell_match (call, sight);
  else
    call->sighted (&no_match, NULL, call->user_data);
}

void
sighej_service_sight_from (SighejService *self,
                           SighejServicePlaces *places,
                           const char *session_id,
                           const char *own_token,
                           const char *detected_token,
                           SighejServiceSighted sighted,
                           gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  SighejStoreReport report = {
    .own_token = own_token,
    .detected_token = detected_token,
    .policy = self->policy,
    .n_burst = self->limits.allowance.sightings_burst,
    .n_per_minute = self->limits.allowance.sightings_per_minute,
  };
  SighejSpan *before;
  SightCall *call;

  if (!sighej_allowance_take_sighting (
          self->allowance, &places->sightings, session_id, detected_token, &error))
    {
      sighted (NULL, error, user_data);
      return;
    }

  call = g_new0 (SightCall, 1);
  call->self = g_object_ref (self);
  call->sighted = sighted;
  call->user_data = user_data;
  g_strlcpy (call->session_id, session_id, sizeof call->session_id);
  report.session_id = call->session_id;
  call->span = sighej_span_new_here ("sighting", SIGHEJ_SPAN_INTERNAL);
  before = sighej_span_enter (call->span);
  sighej_store_sight (self->store, &report, on_sighted, call);
  sighej_span_leave (before);
}

void
sighej_service_sight (SighejService *self,
                      const char *session_id,
                      const char *own_token,
                      const char *detected_token,
                      SighejServiceSighted sighted,
                      gpointer user_data)
{
  SighejServicePlaces places = { 0 };

  sighej_service_sight_from (
      self, &places, session_id, own_token, detected_token, sighted, user_data);
}

/* The outbox */

typedef struct
{
  SighejService *self;
  SighejServiceOutbox outbox;
  gpointer user_data;
} OutboxCall;

/* @opened: what the caller has to wipe */
static char **
open_labels (SighejService *self, const SighejStoreInfo *info, char ***opened, GError **error)
{
  if (self->labels != NULL && self->sealed_labels == info->sealed_labels)
    return self->labels;
  *opened = sighej_labels_unseal (self->vault, info, error);
  return *opened;
}

static void
on_outbox (const SighejStoreNudge *nudges,
           guint n_nudges,
           const SighejStoreInfo *info,
           const GError *error,
           gpointer user_data)
{
  g_autofree OutboxCall *call = user_data;
  g_autoptr (SighejService) self = call->self;
  /* The first contract knows no tickets. */
  gint64 now_ms
      = self->auth_mode == SIGHEJ_AUTH_LEGACY ? 0 : sighej_clock_wall_us (self->clock) / 1000;
  SighejWireServerMessage *messages;
  g_autoptr (GError) problem = error != NULL ? g_error_copy (error) : NULL;
  char **labels = NULL, **opened = NULL;

  if (problem == NULL && n_nudges > 0)
    labels = open_labels (self, info, &opened, &problem);
  if (problem != NULL)
    {
      call->outbox (NULL, 0, problem, call->user_data);
      return;
    }

  messages = sighej_labels_write_nudges (self->vault, nudges, n_nudges, info, labels, now_ms);
  call->outbox (messages, n_nudges, NULL, call->user_data);
  sighej_labels_wipe_nudges (messages, n_nudges);
  sighej_labels_wipe (opened);
}

void
sighej_service_read_outbox (SighejService *self,
                            const char *session_id,
                            guint64 after,
                            SighejServiceOutbox outbox,
                            gpointer user_data)
{
  OutboxCall *call = g_new0 (OutboxCall, 1);

  call->self = g_object_ref (self);
  call->outbox = outbox;
  call->user_data = user_data;
  sighej_store_read_outbox (self->store, session_id, after, on_outbox, call);
}

/* An ack or a socket's end that comes after the session's own changes nothing any more. */
static void
on_noted (const GError *error, gpointer user_data)
{
  if (error != NULL && !g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_FOUND))
    g_info ("not noted in the store: %s", error->message);
}

void
sighej_service_ack (SighejService *self, const char *session_id, guint64 seq)
{
  sighej_store_ack (self->store, session_id, seq, on_noted, NULL);
}

void
sighej_service_attach (SighejService *self, const char *session_id, int change)
{
  sighej_store_attach (self->store, session_id, change, on_noted, NULL);
}

/* Statistics */

void
sighej_service_stats (SighejService *self, SighejServiceText text, gpointer user_data)
{
  const SighejStatisticsSources sources = {
    .store = self->store,
    .ledger = self->ledger,
    .tally = self->tally,
    .clock = self->clock,
    .minimum = self->limits.statistics_minimum,
  };

  sighej_statistics_read (&sources, text, user_data);
}

static void
on_flushed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (sighej_tally_flush_finish (SIGHEJ_TALLY (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
sighej_service_flush_async (SighejService *self, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, sighej_service_flush_async);
  sighej_tally_flush_async (self->tally, on_flushed, task);
}

gboolean
sighej_service_flush_finish (SighejService *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
