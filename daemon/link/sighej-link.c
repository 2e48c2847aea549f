/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-link"

#include "config.h"

#include "sighej-link.h"

#include "sighej-crypto.h"
#include "sighej-enum-types.h"
#include "sighej-error.h"
#include "sighej-link-counts.h"
#include "sighej-link-doctor.h"
#include "sighej-link-facts.h"
#include "sighej-link-nudges.h"
#include "sighej-link-private.h"
#include "sighej-link-retry.h"
#include "sighej-log.h"
#include "sighej-message-ids.h"

/* A socket that lasted this long was a good one: the next loss starts the backoff over, seconds. */
#define STABLE_SECONDS 10
/* Sessions that may be on their way out at a time; the oldest is left to the backend's expiry. */
#define ENDING_MAX 8

struct _SighejLink
{
  GObject parent_instance;

  SighejClock *clock;
  SoupSession *soup;
  guint timeout_s;

  /* What is wanted. */
  char *uri;
  GStrv interests;
  gboolean wanted;
  guint8 opening_id[SIGHEJ_OPENING_ID_BYTES];
  gint64 until_us;

  /* The session whose tokens count, the one being made, and those on their way out. */
  SighejLinkSession *live;
  SighejLinkSession *pending;
  GPtrArray *ending;
  gboolean stale;      /* the live session has interests of before */
  gint64 online_at_us; /* since when the live session is ONLINE, 0 when it is not */

  SighejLinkRetry retry;
  guint turn_wait; /* what becomes of the live session with time */

  SighejLinkNudges nudges;
  SighejLinkMeets *meets;

  /* What was last told to the outside. */
  SighejBackendState told_state;
  SighejReason told_reason;
  gboolean told_ended;
  SighejTokenSchedule *told_schedule;

  SighejLinkCounts counts;
};

enum
{
  PROP_STATE = 1,
  PROP_REASON,
  PROP_ENDED,
  N_PROPS
};
static GParamSpec *props[N_PROPS];

enum
{
  SESSION_CHANGED,
  NUDGE,
  SIGHTING_RESULT,
  AVOID_TAGS,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SighejLink, sighej_link, G_TYPE_OBJECT)

static gboolean on_retry (gpointer user_data);

/* ---- life ---- */

static void
forget_session (SighejLink *self, SighejLinkSession *session)
{
  g_signal_handlers_disconnect_by_data (session, self);
  g_object_run_dispose (G_OBJECT (session));
  g_object_unref (session);
}

static void
wipe_interests (SighejLink *self)
{
  for (guint i = 0; self->interests != NULL && self->interests[i] != NULL; i++)
    sighej_wipe_free_string (self->interests[i]);
  g_clear_pointer (&self->interests, g_free);
}

static void
sighej_link_init (SighejLink *self)
{
  self->ending = g_ptr_array_new ();
  self->told_state = SIGHEJ_BACKEND_STATE_OFFLINE;
  self->told_reason = SIGHEJ_REASON_BACKEND_UNSET;
  self->told_ended = TRUE;
}

static void
sighej_link_dispose (GObject *object)
{
  SighejLink *self = SIGHEJ_LINK (object);

  if (self->clock != NULL)
    {
      sighej_link_retry_start_over (&self->retry);
      sighej_clock_clear (self->clock, &self->turn_wait);
    }
  sighej_link_nudges_clear (&self->nudges);
  if (self->meets != NULL)
    g_object_run_dispose (G_OBJECT (self->meets));
  g_clear_object (&self->meets);
  for (guint i = 0; i < self->ending->len; i++)
    forget_session (self, self->ending->pdata[i]);
  g_ptr_array_set_size (self->ending, 0);
  if (self->live != NULL)
    forget_session (self, g_steal_pointer (&self->live));
  if (self->pending != NULL)
    forget_session (self, g_steal_pointer (&self->pending));
  g_clear_pointer (&self->told_schedule, sighej_token_schedule_unref);
  wipe_interests (self);
  sighej_wipe (self->opening_id, sizeof self->opening_id);
  g_clear_object (&self->soup);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (sighej_link_parent_class)->dispose (object);
}

static void
sighej_link_finalize (GObject *object)
{
  SighejLink *self = SIGHEJ_LINK (object);

  g_ptr_array_unref (self->ending);
  g_free (self->uri);

  G_OBJECT_CLASS (sighej_link_parent_class)->finalize (object);
}

static void
sighej_link_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  SighejLink *self = SIGHEJ_LINK (object);

  switch (id)
    {
    case PROP_STATE:
      g_value_set_enum (value, self->told_state);
      break;
    case PROP_REASON:
      g_value_set_enum (value, self->told_reason);
      break;
    case PROP_ENDED:
      g_value_set_boolean (value, self->told_ended);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
install_signals (GType type)
{
  signals[SESSION_CHANGED] = g_signal_new (
      "session-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[NUDGE] = g_signal_new (
      "nudge", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[SIGHTING_RESULT] = g_signal_new ("sighting-result",
                                           type,
                                           G_SIGNAL_RUN_LAST,
                                           0,
                                           NULL,
                                           NULL,
                                           NULL,
                                           G_TYPE_NONE,
                                           2,
                                           G_TYPE_POINTER,
                                           G_TYPE_BOOLEAN);
  signals[AVOID_TAGS] = g_signal_new ("avoid-tags",
                                      type,
                                      G_SIGNAL_RUN_LAST,
                                      0,
                                      g_signal_accumulator_first_wins,
                                      NULL,
                                      NULL,
                                      G_TYPE_BOOLEAN,
                                      1,
                                      G_TYPE_POINTER);
}

static void
sighej_link_class_init (SighejLinkClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->dispose = sighej_link_dispose;
  object_class->finalize = sighej_link_finalize;
  object_class->get_property = sighej_link_get_property;

  props[PROP_STATE] = g_param_spec_enum (
      "state", NULL, NULL, SIGHEJ_TYPE_BACKEND_STATE, SIGHEJ_BACKEND_STATE_OFFLINE, flags);
  props[PROP_REASON] = g_param_spec_enum (
      "reason", NULL, NULL, SIGHEJ_TYPE_REASON, SIGHEJ_REASON_BACKEND_UNSET, flags);
  props[PROP_ENDED] = g_param_spec_boolean ("ended", NULL, NULL, TRUE, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
  install_signals (G_TYPE_FROM_CLASS (klass));
}

SighejLink *
sighej_link_new (SighejClock *clock, guint connect_timeout_s, const char *ca_file, GError **error)
{
  SoupSession *soup = sighej_link_http_session_new (ca_file, error);
  SighejLink *self;

  if (soup == NULL)
    return NULL;

  self = g_object_new (SIGHEJ_TYPE_LINK, NULL);
  self->clock = g_object_ref (clock);
  self->soup = soup;
  self->timeout_s = connect_timeout_s;
  self->meets = sighej_link_meets_new (clock);
  sighej_link_retry_init (&self->retry, self->clock, on_retry, self);
  return self;
}

/* ---- what is: computed from the facts, never stored ---- */

static gboolean
is_online (SighejLink *self)
{
  return self->live != NULL
         && sighej_link_session_get_state (self->live) == SIGHEJ_LINK_SESSION_ONLINE;
}

static void
get_facts (SighejLink *self, SighejLinkFacts *facts)
{
  *facts = (SighejLinkFacts){
    .uri = self->uri,
    .wanted = self->wanted,
    .working = self->live != NULL || self->pending != NULL || self->retry.wait != 0,
    .accepted = self->live != NULL,
    .online = is_online (self),
    .retry = &self->retry,
  };
}

/* Only when it was not so before: what is tried again in vain is one loss. */
static gboolean
is_lost_now (SighejLink *self, SighejReason reason_was)
{
  return self->told_reason != reason_was
         && (self->told_reason == SIGHEJ_REASON_BACKEND_OFFLINE
             || self->told_reason == SIGHEJ_REASON_BACKEND_REFUSED);
}

static void
log_state (SighejLink *self, SighejBackendState was, SighejReason reason_was)
{
  sighej_log_event (G_LOG_DOMAIN,
                    is_lost_now (self, reason_was) ? SIGHEJ_MESSAGE_ID_BACKEND_LOST : NULL,
                    NULL,
                    sighej_reason_to_word (self->told_reason),
                    "backend: %s -> %s (%s)",
                    sighej_enum_to_nick (SIGHEJ_TYPE_BACKEND_STATE, was),
                    sighej_enum_to_nick (SIGHEJ_TYPE_BACKEND_STATE, self->told_state),
                    self->retry.trouble != NULL ? self->retry.trouble->text : "as wanted");
}

static void
tell_session (SighejLink *self)
{
  SighejTokenSchedule *schedule = sighej_link_get_schedule (self);

  if (schedule == self->told_schedule)
    return;

  g_clear_pointer (&self->told_schedule, sighej_token_schedule_unref);
  if (schedule != NULL)
    self->told_schedule = sighej_token_schedule_ref (schedule);
  g_signal_emit (self, signals[SESSION_CHANGED], 0);
}

static gboolean
say_over (const char *text, gpointer session)
{
  return sighej_link_session_say (session, text);
}

/* Tells the outside what became different. Whoever listens may call us back. */
static void
tell (SighejLink *self)
{
  G_GNUC_UNUSED g_autoptr (SighejLink) held = g_object_ref (self);
  SighejBackendState was = self->told_state;
  SighejReason reason_was = self->told_reason;
  gboolean ended_was = self->told_ended;
  SighejLinkFacts facts;

  get_facts (self, &facts);
  self->told_state = sighej_link_facts_to_state (&facts);
  self->told_reason = sighej_link_facts_to_reason (&facts);
  self->told_ended
      = !self->wanted && self->live == NULL && self->pending == NULL && self->ending->len == 0;

  if (was != self->told_state || reason_was != self->told_reason)
    log_state (self, was, reason_was);
  g_object_freeze_notify (G_OBJECT (self));
  if (was != self->told_state)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE]);
  if (reason_was != self->told_reason)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_REASON]);
  if (ended_was != self->told_ended)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_ENDED]);
  tell_session (self);
  g_object_thaw_notify (G_OBJECT (self));
  if (self->meets != NULL)
    sighej_link_meets_set_line (
        self->meets, is_online (self) ? say_over : NULL, is_online (self) ? self->live : NULL);
}

/* ---- sessions going away ---- */

/* Takes the reference to a session that is over. */
static void
bury (SighejLink *self, SighejLinkSession *session)
{
  sighej_link_nudges_forget (&self->nudges, session);
  forget_session (self, session);
}

/* Takes the reference; the session goes away by itself. */
static void
let_end (SighejLink *self, SighejLinkSession *session)
{
  if (self->ending->len == ENDING_MAX)
    bury (self, g_ptr_array_steal_index (self->ending, 0));
  g_ptr_array_add (self->ending, session);
  sighej_link_session_end (session);
}

static void
end_live (SighejLink *self)
{
  sighej_clock_clear (self->clock, &self->turn_wait);
  self->online_at_us = 0;
  self->stale = FALSE;
  if (self->live != NULL)
    let_end (self, g_steal_pointer (&self->live));
}

static void
end_all (SighejLink *self)
{
  sighej_link_retry_start_over (&self->retry);
  end_live (self);
  if (self->pending != NULL)
    let_end (self, g_steal_pointer (&self->pending));
}

/* ---- what to do next ---- */

static void pursue (SighejLink *self);
static void on_session_changed (SighejLinkSession *session, gpointer user_data);
static void on_session_nudge (SighejLinkSession *session,
                              const SighejWireServerMessage *message,
                              gpointer user_data);
static void on_session_result (SighejLinkSession *session,
                               SighejToken *detected,
                               gboolean match,
                               gpointer user_data);
static void on_session_meet_message (SighejLinkSession *session,
                                     const SighejWireServerMessage *message,
                                     gpointer user_data);

static gboolean
renewal_is_due (SighejLink *self)
{
  return sighej_link_term_renewal_is_due (
      sighej_link_session_get_term (self->live), self->clock, self->until_us);
}

static gboolean
needs_session (SighejLink *self)
{
  if (self->pending != NULL || self->interests == NULL)
    return FALSE;
  if (self->live == NULL)
    return sighej_clock_now_us (self->clock) < self->until_us;
  return self->stale || renewal_is_due (self);
}

static void
make_session (SighejLink *self)
{
  gint64 left_s = (self->until_us - sighej_clock_now_us (self->clock)) / G_USEC_PER_SEC;
  guint session_s = (guint) CLAMP (left_s, SIGHEJ_SESSION_SECONDS_MIN, SIGHEJ_SESSION_SECONDS_MAX);
  guint8 avoid[SIGHEJ_AVOID_TAGS][SIGHEJ_AVOID_TAG_BYTES];
  gboolean has_avoid = FALSE;

  self->pending = sighej_link_session_new (self->soup, self->clock, self->uri, self->timeout_s);
  g_signal_connect (self->pending, "changed", G_CALLBACK (on_session_changed), self);
  g_signal_connect (self->pending, "nudge", G_CALLBACK (on_session_nudge), self);
  g_signal_connect (self->pending, "sighting-result", G_CALLBACK (on_session_result), self);
  g_signal_connect (self->pending, "meet-message", G_CALLBACK (on_session_meet_message), self);
  g_signal_emit (self, signals[AVOID_TAGS], 0, avoid, &has_avoid);
  sighej_link_session_register (self->pending,
                                (const char *const *) self->interests,
                                self->opening_id,
                                has_avoid ? (const guint8 (*)[SIGHEJ_AVOID_TAG_BYTES]) avoid : NULL,
                                session_s);
}

static void
connect_if_apart (SighejLinkSession *session)
{
  if (session != NULL && sighej_link_session_get_state (session) == SIGHEJ_LINK_SESSION_REGISTERED)
    sighej_link_session_connect (session);
}

/* Starts whatever is to be done now. Does nothing while a wait before trying again runs. */
static void
pursue (SighejLink *self)
{
  if (!self->wanted || self->uri == NULL || self->retry.wait != 0)
    return;

  connect_if_apart (self->live);
  connect_if_apart (self->pending);
  if (needs_session (self))
    make_session (self);
}

static gboolean
on_retry (gpointer user_data)
{
  SighejLink *self = user_data;

  sighej_link_retry_is_due (&self->retry);
  pursue (self);
  tell (self);
  return G_SOURCE_REMOVE;
}

/* ---- the live session's turns ---- */

static void arm_turn (SighejLink *self);

static gboolean
on_turn (gpointer user_data)
{
  SighejLink *self = user_data;

  self->turn_wait = 0;
  if (sighej_link_term_is_over (sighej_link_session_get_term (self->live), self->clock))
    end_live (self);
  else
    {
      /* There is little time for this: what failed in the hours before is no reason to wait. */
      if (renewal_is_due (self))
        sighej_link_retry_calm_down (&self->retry);
      arm_turn (self);
    }
  pursue (self);
  tell (self);
  return G_SOURCE_REMOVE;
}

static void
arm_turn (SighejLink *self)
{
  gint64 at_us = sighej_link_term_next_us (sighej_link_session_get_term (self->live), self->clock);

  sighej_clock_clear (self->clock, &self->turn_wait);
  self->turn_wait = sighej_clock_add_at (self->clock, at_us, on_turn, self);
}

/* The session being made is there, socket and all: it takes over, the old one may go. */
static void
promote (SighejLink *self)
{
  gboolean renewal = self->live != NULL;

  end_live (self);
  self->live = g_steal_pointer (&self->pending);
  self->counts.n_sessions++;
  self->counts.n_renewals += renewal ? 1 : 0;
  arm_turn (self);
}

/* ---- what sessions say ---- */

static void
on_online (SighejLink *self, SighejLinkSession *session)
{
  if (session == self->pending)
    promote (self);
  else
    self->counts.n_reconnects++;
  self->online_at_us = sighej_clock_now_us (self->clock);
  sighej_link_retry_worked (&self->retry);
}

/* Back to REGISTERED: with a failure the socket was lost, without one it was never tried. */
static void
on_apart (SighejLink *self, SighejLinkSession *session)
{
  const SighejLinkFailure *failure = sighej_link_session_get_failure (session);
  gboolean was_online = session == self->live && self->online_at_us != 0;

  if (failure == NULL)
    {
      pursue (self);
      return;
    }
  if (was_online
      && sighej_clock_now_us (self->clock) - self->online_at_us >= STABLE_SECONDS * G_USEC_PER_SEC)
    sighej_link_retry_calm_down (&self->retry);
  if (was_online)
    self->online_at_us = 0;
  sighej_link_retry_failed (&self->retry, failure, was_online);
}

/* A session died of something. */
static void
give_up (SighejLink *self, const SighejLinkFailure *failure, gboolean was_online)
{
  sighej_link_retry_failed (&self->retry, failure, was_online);
  /* Interests the person took back must not stay out there because the new ones are refused. */
  if (self->stale && self->retry.trouble->kind == SIGHEJ_LINK_FAILURE_REFUSED)
    end_live (self);
}

static void
on_dead (SighejLink *self, SighejLinkSession *session)
{
  const SighejLinkFailure *failure = sighej_link_session_get_failure (session);
  gboolean was_online = session == self->live && self->online_at_us != 0;

  sighej_link_counts_keep (&self->counts, session);
  if (g_ptr_array_remove (self->ending, session))
    {
      bury (self, session);
      return;
    }

  if (failure != NULL)
    give_up (self, failure, was_online);
  if (session == self->live)
    {
      sighej_clock_clear (self->clock, &self->turn_wait);
      self->online_at_us = 0;
      self->stale = FALSE;
      bury (self, g_steal_pointer (&self->live));
    }
  else if (session == self->pending)
    {
      bury (self, g_steal_pointer (&self->pending));
    }
}

static void
on_session_changed (SighejLinkSession *session, gpointer user_data)
{
  g_autoptr (SighejLink) self = g_object_ref (user_data);

  switch (sighej_link_session_get_state (session))
    {
    case SIGHEJ_LINK_SESSION_REGISTERED:
      on_apart (self, session);
      break;
    case SIGHEJ_LINK_SESSION_ONLINE:
      on_online (self, session);
      break;
    case SIGHEJ_LINK_SESSION_DEAD:
      on_dead (self, session);
      break;
    case SIGHEJ_LINK_SESSION_NEW:
    case SIGHEJ_LINK_SESSION_REGISTERING:
    case SIGHEJ_LINK_SESSION_CONNECTING:
    case SIGHEJ_LINK_SESSION_ENDING:
    default:
      return; /* told by whoever caused it */
    }
  tell (self);
}

static void
on_session_nudge (SighejLinkSession *session,
                  const SighejWireServerMessage *message,
                  gpointer user_data)
{
  SighejLink *self = user_data;
  SighejLinkNudge nudge = {
    .id = message->nudge_id,
    .shared_interests = (const char *const *) message->shared_interests,
    .message = message->message,
    .ticket = message->ticket,
    .peer_key = message->has_peer_key ? message->peer_key : NULL,
    .own = sighej_link_session_get_keypair (session),
  };

  if (!self->wanted)
    return;

  nudge.seq = sighej_link_nudges_number (&self->nudges, session, message->seq);
  nudge.n_proofs = sighej_link_session_get_proofs (session, nudge.proofs);
  self->counts.n_nudges++;
  g_signal_emit (self, signals[NUDGE], 0, &nudge);
  sighej_wipe (nudge.proofs, sizeof nudge.proofs);
}

static void
on_session_meet_message (SighejLinkSession *session,
                         const SighejWireServerMessage *message,
                         gpointer user_data)
{
  SighejLink *self = user_data;

  if (self->wanted)
    sighej_link_meets_take (self->meets, message);
}

static void
on_session_result (SighejLinkSession *session,
                   SighejToken *detected,
                   gboolean match,
                   gpointer user_data)
{
  SighejLink *self = user_data;

  self->counts.n_results++;
  if (self->wanted)
    g_signal_emit (self, signals[SIGHTING_RESULT], 0, detected, match);
}

/* ---- what we are told ---- */

/* Something was said anew: what went wrong before tells nothing about it. */
static void
start_over (SighejLink *self)
{
  sighej_link_retry_start_over (&self->retry);
  pursue (self);
  tell (self);
}

void
sighej_link_set_connect_timeout (SighejLink *self, guint connect_timeout_s)
{
  self->timeout_s = connect_timeout_s;
}

void
sighej_link_set_uri (SighejLink *self, const char *uri)
{
  if (uri != NULL && *uri == '\0')
    uri = NULL;
  if (g_strcmp0 (self->uri, uri) == 0)
    return;

  end_all (self);
  g_free (self->uri);
  self->uri = g_strdup (uri);
  start_over (self);
}

void
sighej_link_try_now (SighejLink *self)
{
  const SighejLinkFailure *trouble = self->retry.trouble;

  if (self->retry.wait == 0 || trouble == NULL || trouble->retry_after_s != 0
      || trouble->kind == SIGHEJ_LINK_FAILURE_REFUSED
      || trouble->kind == SIGHEJ_LINK_FAILURE_RATE_LIMITED)
    return;

  sighej_clock_clear (self->clock, &self->retry.wait);
  on_retry (self);
}

void
sighej_link_set_interests (SighejLink *self, const char *const *interests)
{
  if (interests != NULL && interests[0] == NULL)
    interests = NULL;
  if (interests != NULL && self->interests != NULL
      && g_strv_equal (interests, (const char *const *) self->interests))
    return;

  wipe_interests (self);
  self->interests = g_strdupv ((GStrv) interests);
  if (self->pending != NULL)
    let_end (self, g_steal_pointer (&self->pending));
  if (interests == NULL)
    end_live (self);
  self->stale = self->live != NULL;
  start_over (self);
}

void
sighej_link_open (SighejLink *self, const guint8 opening_id[16], gint64 until_us)
{
  gboolean same
      = self->wanted && memcmp (self->opening_id, opening_id, SIGHEJ_OPENING_ID_BYTES) == 0;

  self->until_us = until_us;
  if (same)
    {
      pursue (self);
      tell (self);
      return;
    }

  end_all (self);
  self->wanted = TRUE;
  memcpy (self->opening_id, opening_id, SIGHEJ_OPENING_ID_BYTES);
  start_over (self);
}

void
sighej_link_close (SighejLink *self)
{
  if (!self->wanted)
    return;

  self->wanted = FALSE;
  end_all (self);
  sighej_wipe (self->opening_id, sizeof self->opening_id);
  start_over (self);
}

/* Who avoids whom cannot be told between a session of today and this one. */
static gboolean
is_of_before (SighejLink *self)
{
  return !sighej_link_term_is_of_today (sighej_link_session_get_term (self->live), self->clock);
}

gboolean
sighej_link_report (SighejLink *self, const SighejToken *detected)
{
  if (self->live == NULL)
    return FALSE;
  if (is_of_before (self))
    {
      self->counts.n_held++;
      return FALSE;
    }
  if (!sighej_link_session_report (self->live, detected))
    return FALSE;

  self->counts.n_sightings++;
  return TRUE;
}

void
sighej_link_ack (SighejLink *self, guint64 seq)
{
  sighej_link_nudges_ack (&self->nudges, seq);
}

/* ---- meets ---- */

SighejLinkMeets *
sighej_link_get_meets (SighejLink *self)
{
  return self->meets;
}

SighejKeypair *
sighej_link_get_keypair (SighejLink *self)
{
  return is_online (self) ? sighej_link_session_get_keypair (self->live) : NULL;
}

SighejLinkSession *
sighej_link_get_live (SighejLink *self)
{
  return self->live;
}

/* ---- what is, for others ---- */

SighejTokenSchedule *
sighej_link_get_schedule (SighejLink *self)
{
  return self->live != NULL ? sighej_link_session_get_schedule (self->live) : NULL;
}

gint64
sighej_link_get_accepted_us (SighejLink *self)
{
  return self->live != NULL ? sighej_link_session_get_accepted_us (self->live) : 0;
}

SighejBackendState
sighej_link_get_state (SighejLink *self)
{
  return self->told_state;
}

SighejReason
sighej_link_get_reason (SighejLink *self)
{
  return self->told_reason;
}

gboolean
sighej_link_get_ended (SighejLink *self)
{
  return self->told_ended;
}

guint64
sighej_link_get_n_left (SighejLink *self)
{
  return self->counts.n_left;
}

void
sighej_link_check (SighejLink *self, GPtrArray *results)
{
  SighejLinkFacts facts;

  get_facts (self, &facts);
  sighej_link_doctor_check (&facts, results);
}

void
sighej_link_count (SighejLink *self, GVariantBuilder *counters)
{
  sighej_link_counts_show (&self->counts, self->live, self->retry.n_failures, counters);
  sighej_link_meets_count (self->meets, counters);
}
