/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-model-private.h"

#include "sighej-enum-types.h"
#include "sighej-error.h"
#include "sighej-names.h"
#include "sighej-words.h"

/* What changes is told at most this often, milliseconds: a frame. */
#define SETTLE_MS 16
/* How long the bus may take to answer what it can start, milliseconds. */
#define BUS_TIMEOUT_MS 5000
#define SETTING_DURATION "duration-minutes"

struct _SighejModel
{
  GObject parent_instance;

  GDBusConnection *connection;
  SighejClient *client;
  GSettings *settings;
  GCancellable *cancellable;
  guint settle_source;

  /* What the bus and the daemon said last; kept when the daemon leaves. */
  gboolean read; /* the client is connected, and if the daemon was to be started that is over */
  char **interests;
  char *backend_uri;

  /* What the widgets asked for. */
  SighejReason refusal;
  SighejState refused_state;
  SighejBluetooth refused_bluetooth;
  guint shown_nudge;
  SighejModelAfter after; /* its cue is NULL when nothing is asked */
  gboolean closing;
  guint duration_s;
  guint64 retry_at; /* Unix seconds; 0: no limit was met */

  SighejScreenFacts facts;
  SighejScreen screen;
};

G_DEFINE_FINAL_TYPE (SighejModel, sighej_model, G_TYPE_OBJECT)

enum
{
  SIGNAL_CHANGED,
  SIGNAL_SCREEN_CHANGED,
  SIGNAL_ERROR,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
drop_client (SighejModel *self)
{
  if (self->client == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->client, self);
  g_clear_object (&self->client);
}

static void
drop_connection (SighejModel *self)
{
  drop_client (self);
  if (self->connection == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->connection, self);
  g_clear_object (&self->connection);
}

static void
sighej_model_dispose (GObject *object)
{
  SighejModel *self = SIGHEJ_MODEL (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->settle_source, g_source_remove);
  drop_connection (self);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (sighej_model_parent_class)->dispose (object);
}

static void
sighej_model_finalize (GObject *object)
{
  SighejModel *self = SIGHEJ_MODEL (object);

  g_clear_object (&self->cancellable);
  g_strfreev (self->interests);
  g_free (self->backend_uri);
  g_free (self->after.cue);
  G_OBJECT_CLASS (sighej_model_parent_class)->finalize (object);
}

static guint
add_signal (const char *name, guint n_types)
{
  GType types[] = { G_TYPE_STRING, G_TYPE_STRING };

  return g_signal_newv (name,
                        SIGHEJ_TYPE_MODEL,
                        G_SIGNAL_RUN_LAST,
                        NULL,
                        NULL,
                        NULL,
                        NULL,
                        G_TYPE_NONE,
                        n_types,
                        types);
}

static void
sighej_model_class_init (SighejModelClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->dispose = sighej_model_dispose;
  object_class->finalize = sighej_model_finalize;
  signals[SIGNAL_CHANGED] = add_signal ("changed", 0);
  signals[SIGNAL_SCREEN_CHANGED] = add_signal ("screen-changed", 0);
  signals[SIGNAL_ERROR] = add_signal ("error", 2);
}

static void
sighej_model_init (SighejModel *self)
{
  self->cancellable = g_cancellable_new ();
  self->interests = g_new0 (char *, 1);
  self->backend_uri = g_strdup ("");
}

/* ---- settling the facts ---- */

static guint64
now_s (void)
{
  return (guint64) (g_get_real_time () / G_USEC_PER_SEC);
}

/* A word of the daemon's that this client does not know counts as @otherwise. */
static int
from_word (GType type, const char *word, int otherwise)
{
  int value;

  return word != NULL && sighej_enum_from_nick (type, word, &value) ? value : otherwise;
}

/* A nudge that was put away or is over does not count, though its object is there for a moment. */
static gboolean
nudge_counts (SighejDBusNudge1 *nudge, gboolean *waved)
{
  int state = from_word (
      SIGHEJ_TYPE_NUDGE_STATE, sighej_dbus_nudge1_get_state (nudge), SIGHEJ_NUDGE_STATE_GONE);

  *waved = state == SIGHEJ_NUDGE_STATE_WAVED;
  return state == SIGHEJ_NUDGE_STATE_NEW || state == SIGHEJ_NUDGE_STATE_WAVED;
}

static gboolean
meet_is_over (SighejDBusMeet1 *meet)
{
  int state = from_word (
      SIGHEJ_TYPE_MEET_STATE, sighej_dbus_meet1_get_state (meet), SIGHEJ_MEET_STATE_ENDED);

  return state >= SIGHEJ_MEET_STATE_MET;
}

guint
sighej_model_get_nudge_id (SighejModel *self)
{
  g_autoptr (GArray) ids = NULL;
  guint first_new = 0, first_waved = 0;

  g_return_val_if_fail (SIGHEJ_IS_MODEL (self), 0);
  if (self->client == NULL)
    return 0;

  ids = sighej_client_dup_nudge_ids (self->client);
  for (guint i = 0; i < ids->len; i++)
    {
      guint id = g_array_index (ids, guint, i);
      g_autoptr (SighejDBusNudge1) nudge = sighej_client_dup_nudge (self->client, id);
      gboolean waved;

      if (nudge == NULL || !nudge_counts (nudge, &waved))
        continue;
      if (id == self->shown_nudge)
        return id;
      if (waved && first_waved == 0)
        first_waved = id;
      else if (!waved && first_new == 0)
        first_new = id;
    }
  return first_new != 0 ? first_new : first_waved;
}

guint
sighej_model_get_meet_id (SighejModel *self)
{
  g_autoptr (GArray) ids = NULL;

  g_return_val_if_fail (SIGHEJ_IS_MODEL (self), 0);
  if (self->client == NULL)
    return 0;

  ids = sighej_client_dup_meet_ids (self->client);
  for (guint i = 0; i < ids->len; i++)
    {
      guint id = g_array_index (ids, guint, i);
      g_autoptr (SighejDBusMeet1) meet = sighej_client_dup_meet (self->client, id);

      if (meet != NULL && !meet_is_over (meet))
        return id;
    }
  return 0;
}

/* What outlives the daemon: it leaves when nobody needs it. */
static void
keep (SighejModel *self, SighejDBusManager1 *manager)
{
  const char *const *interests = sighej_dbus_manager1_get_interests (manager);
  const char *uri = sighej_dbus_manager1_get_backend_uri (manager);

  if (interests != NULL && !g_strv_equal (interests, (const char *const *) self->interests))
    {
      g_strfreev (self->interests);
      self->interests = g_strdupv ((char **) interests);
    }
  if (uri != NULL && !g_str_equal (uri, self->backend_uri))
    {
      g_free (self->backend_uri);
      self->backend_uri = g_strdup (uri);
    }
  self->facts.notice_accepted = sighej_dbus_manager1_get_notice_accepted (manager);
}

static void
settle_manager (SighejModel *self, SighejDBusManager1 *manager)
{
  SighejScreenFacts *facts = &self->facts;

  facts->state
      = from_word (SIGHEJ_TYPE_STATE, sighej_dbus_manager1_get_state (manager), SIGHEJ_STATE_OFF);
  facts->reason = from_word (
      SIGHEJ_TYPE_REASON, sighej_dbus_manager1_get_reason (manager), SIGHEJ_REASON_NONE);
  facts->bluetooth = from_word (
      SIGHEJ_TYPE_BLUETOOTH, sighej_dbus_manager1_get_bluetooth (manager), SIGHEJ_BLUETOOTH_READY);
  facts->backend = from_word (SIGHEJ_TYPE_BACKEND_STATE,
                              sighej_dbus_manager1_get_backend (manager),
                              SIGHEJ_BACKEND_STATE_OFFLINE);
  facts->privacy = from_word (
      SIGHEJ_TYPE_PRIVACY, sighej_dbus_manager1_get_privacy (manager), SIGHEJ_PRIVACY_UNKNOWN);
  facts->nearby = sighej_dbus_manager1_get_nearby_count (manager);
  facts->open_since = sighej_dbus_manager1_get_open_since (manager);
  facts->open_until = sighej_dbus_manager1_get_open_until (manager);
  facts->paused_until = sighej_dbus_manager1_get_paused_until (manager);
}

/* A daemon that is not there counts as off, for the reason it said last (the time was up). */
static void
settle_absent (SighejScreenFacts *facts)
{
  if (facts->state != SIGHEJ_STATE_OFF)
    facts->reason = SIGHEJ_REASON_NONE;
  facts->state = SIGHEJ_STATE_OFF;
  facts->bluetooth = SIGHEJ_BLUETOOTH_READY;
  facts->backend = SIGHEJ_BACKEND_STATE_OFFLINE;
  facts->privacy = SIGHEJ_PRIVACY_UNKNOWN;
  facts->nearby = 0;
  facts->open_since = facts->open_until = facts->paused_until = 0;
}

/* Why the last try failed counts until the state or Bluetooth is another. */
static void
settle_refusal (SighejModel *self)
{
  if (self->facts.state != self->refused_state || self->facts.bluetooth != self->refused_bluetooth)
    self->refusal = SIGHEJ_REASON_NONE;
  self->facts.refusal = self->refusal;
}

static void
settle_people (SighejModel *self)
{
  SighejScreenFacts *facts = &self->facts;
  guint nudge_id = sighej_model_get_nudge_id (self);
  g_autoptr (SighejDBusNudge1) nudge
      = nudge_id != 0 ? sighej_client_dup_nudge (self->client, nudge_id) : NULL;

  facts->has_nudge = nudge != NULL;
  facts->nudge_waved
      = nudge != NULL && nudge_counts (nudge, &facts->nudge_waved) && facts->nudge_waved;
  facts->has_meet = sighej_model_get_meet_id (self) != 0;
  facts->after = self->after.cue != NULL;
  if (facts->state != SIGHEJ_STATE_OPEN || facts->nearby > 0)
    facts->alone_since = 0;
  else if (facts->alone_since == 0)
    facts->alone_since = now_s ();
}

static void
settle_facts (SighejModel *self)
{
  SighejDBusManager1 *manager = sighej_model_get_manager (self);
  SighejScreenFacts *facts = &self->facts;
  gboolean was_off = facts->state == SIGHEJ_STATE_OFF;

  facts->bus_lost = self->connection == NULL || g_dbus_connection_is_closed (self->connection);
  facts->connected = self->read && !facts->bus_lost;
  facts->present = manager != NULL && sighej_client_get_present (self->client);
  if (facts->present)
    {
      settle_manager (self, manager);
      keep (self, manager);
    }
  else
    settle_absent (facts);
  /* Opened again, by whatever client. */
  if (was_off && facts->state != SIGHEJ_STATE_OFF)
    self->closing = FALSE;
  facts->n_interests = g_strv_length (self->interests);
  facts->has_backend = *self->backend_uri != '\0';
  settle_refusal (self);
  settle_people (self);
  facts->now = now_s ();
}

static void
settle (SighejModel *self)
{
  SighejScreen screen;

  settle_facts (self);
  screen = sighej_screen_of (&self->facts);
  if (screen != self->screen)
    {
      self->screen = screen;
      g_signal_emit (self, signals[SIGNAL_SCREEN_CHANGED], 0);
    }
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static gboolean
on_settle (gpointer user_data)
{
  SighejModel *self = user_data;

  self->settle_source = 0;
  settle (self);
  return G_SOURCE_REMOVE;
}

/* However much changes meanwhile, it is looked at once. */
static void
on_changed (SighejModel *self)
{
  if (self->settle_source != 0)
    return;
  self->settle_source = g_timeout_add (SETTLE_MS, on_settle, self);
  g_source_set_name_by_id (self->settle_source, "sighej-settle");
}

/* ---- following the daemon ---- */

static int
read_word (GType type, const char *word, int none)
{
  int value;

  return word != NULL && sighej_enum_from_nick (type, word, &value) ? value : none;
}

/* What is asked about when @meet is gone. */
static void
begin_after (SighejModel *self, guint id, SighejDBusMeet1 *meet)
{
  const char *cue = sighej_dbus_meet1_get_cue (meet);

  self->after.id = id;
  self->after.cue = g_strdup (cue != NULL ? cue : "");
  self->after.state = (SighejMeetState) read_word (
      SIGHEJ_TYPE_MEET_STATE, sighej_dbus_meet1_get_state (meet), SIGHEJ_MEET_STATE_ENDED);
  self->after.problem = (SighejMeetProblem) read_word (
      SIGHEJ_TYPE_MEET_PROBLEM, sighej_dbus_meet1_get_problem (meet), SIGHEJ_MEET_PROBLEM_NONE);
}

/* The question is asked only of a meet that this person did not close the session over. */
static void
on_meet_changed (SighejModel *self, guint id, SighejDBusMeet1 *meet)
{
  if (meet_is_over (meet) && !self->closing && self->after.cue == NULL)
    begin_after (self, id, meet);
  on_changed (self);
}

static void
follow_client (SighejModel *self)
{
  static const char *const plain[]
      = { "notify::present", "changed",    "nudge-added", "nudge-changed",
          "nudge-removed",   "meet-added", "meet-removed" };

  for (guint i = 0; i < G_N_ELEMENTS (plain); i++)
    g_signal_connect_object (
        self->client, plain[i], G_CALLBACK (on_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
      self->client, "meet-changed", G_CALLBACK (on_meet_changed), self, G_CONNECT_SWAPPED);
}

static void
activatable_listed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  SighejModel *self = user_data;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree const char **names = NULL;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (reply != NULL)
    {
      g_variant_get (reply, "(^a&s)", &names);
      self->facts.activatable = g_strv_contains (names, SIGHEJ_BUS_NAME);
    }
  if (self->facts.activatable && !sighej_client_get_present (self->client))
    {
      sighej_model_start_daemon (self);
      return;
    }
  self->read = TRUE;
  settle (self);
}

static void
client_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  SighejModel *self = user_data;
  g_autoptr (GError) error = NULL;

  if (!sighej_client_connect_finish (SIGHEJ_CLIENT (source), result, &error))
    {
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
      sighej_model_tell_error (self, error);
      self->read = TRUE;
      settle (self);
      return;
    }

  follow_client (self);
  g_dbus_connection_call (self->connection,
                          "org.freedesktop.DBus",
                          "/org/freedesktop/DBus",
                          "org.freedesktop.DBus",
                          "ListActivatableNames",
                          NULL,
                          G_VARIANT_TYPE ("(as)"),
                          G_DBUS_CALL_FLAGS_NONE,
                          BUS_TIMEOUT_MS,
                          self->cancellable,
                          activatable_listed,
                          self);
}

static void
on_bus_closed (SighejModel *self)
{
  on_changed (self);
}

/* Takes another bus, or none. */
static void
take_connection (SighejModel *self, GDBusConnection *connection)
{
  drop_connection (self);
  self->read = FALSE;
  if (connection == NULL || g_dbus_connection_is_closed (connection))
    {
      settle (self);
      return;
    }

  self->connection = g_object_ref (connection);
  g_signal_connect_object (
      connection, "closed", G_CALLBACK (on_bus_closed), self, G_CONNECT_SWAPPED);
  self->client = sighej_client_new (connection);
  sighej_client_connect_async (self->client, FALSE, self->cancellable, client_connected, self);
  settle (self);
}

SighejModel *
sighej_model_new (GDBusConnection *connection, GSettings *settings)
{
  SighejModel *self = g_object_new (SIGHEJ_TYPE_MODEL, NULL);

  g_set_object (&self->settings, settings);
  take_connection (self, connection);
  return self;
}

static void
bus_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejModel) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) connection = g_bus_get_finish (result, &error);

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (connection == NULL)
    {
      sighej_model_tell_error (self, error);
      return;
    }
  g_dbus_connection_set_exit_on_close (connection, FALSE);
  take_connection (self, connection);
}

void
sighej_model_find_bus (SighejModel *self)
{
  g_bus_get (G_BUS_TYPE_SESSION, self->cancellable, bus_found, g_object_ref (self));
}

void
sighej_model_daemon_started (SighejModel *self)
{
  self->read = TRUE;
  settle (self);
}

/* ---- what the widgets asked for ---- */

void
sighej_model_opening_asked (SighejModel *self)
{
  self->refusal = SIGHEJ_REASON_NONE;
  self->closing = FALSE;
  g_clear_pointer (&self->after.cue, g_free);
  on_changed (self);
}

/* The text of such an error is the only place where the seconds are. */
static void
note_limit (SighejModel *self, const GError *error)
{
  guint seconds = sighej_error_get_retry_after_s (error);

  if (g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_RATE_LIMITED) && seconds > 0)
    self->retry_at = now_s () + seconds;
}

void
sighej_model_opening_refused (SighejModel *self, const GError *error)
{
  note_limit (self, error);
  settle_facts (self);
  self->refusal = sighej_screen_refusal (error, self->facts.bluetooth);
  self->refused_state = self->facts.state;
  self->refused_bluetooth = self->facts.bluetooth;
  settle (self);
  if (self->refusal == SIGHEJ_REASON_NONE)
    sighej_model_tell_error (self, error);
}

void
sighej_model_closing_asked (SighejModel *self)
{
  self->closing = TRUE;
  self->refusal = SIGHEJ_REASON_NONE;
  sighej_model_leave_after (self);
}

void
sighej_model_forget_trouble (SighejModel *self)
{
  g_return_if_fail (SIGHEJ_IS_MODEL (self));

  self->refusal = SIGHEJ_REASON_NONE;
  on_changed (self);
}

void
sighej_model_leave_after (SighejModel *self)
{
  g_return_if_fail (SIGHEJ_IS_MODEL (self));

  g_clear_pointer (&self->after.cue, g_free);
  on_changed (self);
}

void
sighej_model_show_nudge (SighejModel *self, guint id)
{
  g_return_if_fail (SIGHEJ_IS_MODEL (self));

  self->shown_nudge = id;
  on_changed (self);
}

void
sighej_model_say_error (SighejModel *self, const char *sentence, const char *next_step)
{
  g_signal_emit (self, signals[SIGNAL_ERROR], 0, sentence, next_step);
}

void
sighej_model_tell_error (SighejModel *self, const GError *error)
{
  g_autofree char *sentence = NULL;
  g_autofree char *next_step = NULL;

  g_return_if_fail (SIGHEJ_IS_MODEL (self));
  g_return_if_fail (error != NULL);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  sentence = sighej_words_dup_error (error);
  next_step = sighej_words_dup_error_step (error);
  sighej_model_say_error (self, sentence, next_step);
}

static gboolean
has_setting (SighejModel *self, const char *key)
{
  g_autoptr (GSettingsSchema) schema = NULL;

  if (self->settings == NULL)
    return FALSE;
  g_object_get (self->settings, "settings-schema", &schema, NULL);
  return g_settings_schema_has_key (schema, key);
}

guint
sighej_model_get_duration_s (SighejModel *self)
{
  g_return_val_if_fail (SIGHEJ_IS_MODEL (self), 0);

  if (has_setting (self, SETTING_DURATION))
    return g_settings_get_uint (self->settings, SETTING_DURATION) * 60;
  return self->duration_s;
}

void
sighej_model_set_duration_s (SighejModel *self, guint duration_s)
{
  g_return_if_fail (SIGHEJ_IS_MODEL (self));

  self->duration_s = duration_s; /* where there are no settings */
  if (has_setting (self, SETTING_DURATION))
    g_settings_set_uint (self->settings, SETTING_DURATION, duration_s / 60);
}

/* ---- getters ---- */

SighejClient *
sighej_model_get_client (SighejModel *self)
{
  g_return_val_if_fail (SIGHEJ_IS_MODEL (self), NULL);

  return self->client;
}

SighejDBusManager1 *
sighej_model_get_manager (SighejModel *self)
{
  g_return_val_if_fail (SIGHEJ_IS_MODEL (self), NULL);

  return self->client != NULL ? sighej_client_get_manager (self->client) : NULL;
}

GSettings *
sighej_model_get_settings (SighejModel *self)
{
  g_return_val_if_fail (SIGHEJ_IS_MODEL (self), NULL);

  return self->settings;
}

GDBusConnection *
sighej_model_get_connection (SighejModel *self)
{
  return self->connection;
}

GCancellable *
sighej_model_get_cancellable (SighejModel *self)
{
  return self->cancellable;
}

const SighejScreenFacts *
sighej_model_get_facts (SighejModel *self)
{
  g_return_val_if_fail (SIGHEJ_IS_MODEL (self), NULL);

  self->facts.now = now_s ();
  return &self->facts;
}

SighejScreen
sighej_model_get_screen (SighejModel *self)
{
  g_return_val_if_fail (SIGHEJ_IS_MODEL (self), SIGHEJ_SCREEN_STARTING);

  return self->screen;
}

SighejNotice
sighej_model_get_notice (SighejModel *self)
{
  g_return_val_if_fail (SIGHEJ_IS_MODEL (self), SIGHEJ_NOTICE_NONE);

  return sighej_notice_of (&self->facts);
}

const char *const *
sighej_model_get_interests (SighejModel *self)
{
  g_return_val_if_fail (SIGHEJ_IS_MODEL (self), NULL);

  return (const char *const *) self->interests;
}

const char *
sighej_model_get_backend_uri (SighejModel *self)
{
  g_return_val_if_fail (SIGHEJ_IS_MODEL (self), NULL);

  return self->backend_uri;
}

const SighejModelAfter *
sighej_model_get_after (SighejModel *self)
{
  g_return_val_if_fail (SIGHEJ_IS_MODEL (self), NULL);

  return self->after.cue != NULL ? &self->after : NULL;
}

guint64
sighej_model_get_retry_at (SighejModel *self)
{
  g_return_val_if_fail (SIGHEJ_IS_MODEL (self), 0);

  return self->retry_at > now_s () ? self->retry_at : 0;
}

gboolean
sighej_model_is_on (SighejModel *self)
{
  g_return_val_if_fail (SIGHEJ_IS_MODEL (self), FALSE);

  return self->facts.present && self->facts.state != SIGHEJ_STATE_OFF;
}
