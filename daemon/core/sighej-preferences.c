/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-preferences.h"

#include "sighej-link.h"
#include "sighej-presence.h"

struct _SighejPreferences
{
  GObject parent_instance;

  SighejConfig *config;
  SighejChoices *choices;

  /* What follows from the two. */
  char *backend_uri;
  char *adapter;
  GStrv quiet_hours;
  const char *language;
  gboolean pause_on_lock;

  gboolean open;
};

G_DEFINE_FINAL_TYPE (SighejPreferences, sighej_preferences, G_TYPE_OBJECT)

enum
{
  CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
sighej_preferences_init (SighejPreferences *self)
{
}

static void
sighej_preferences_dispose (GObject *object)
{
  SighejPreferences *self = SIGHEJ_PREFERENCES (object);

  g_clear_object (&self->choices);
  g_clear_object (&self->config);

  G_OBJECT_CLASS (sighej_preferences_parent_class)->dispose (object);
}

static void
sighej_preferences_finalize (GObject *object)
{
  SighejPreferences *self = SIGHEJ_PREFERENCES (object);

  g_free (self->backend_uri);
  g_free (self->adapter);
  g_strfreev (self->quiet_hours);

  G_OBJECT_CLASS (sighej_preferences_parent_class)->finalize (object);
}

static void
sighej_preferences_class_init (SighejPreferencesClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = sighej_preferences_dispose;
  object_class->finalize = sighej_preferences_finalize;

  signals[CHANGED] = g_signal_new ("changed",
                                   G_TYPE_FROM_CLASS (klass),
                                   G_SIGNAL_RUN_LAST | G_SIGNAL_DETAILED,
                                   0,
                                   NULL,
                                   NULL,
                                   NULL,
                                   G_TYPE_NONE,
                                   0);
}

/* What "changed" may tell of: everything that is forgotten together. */
static const char *const details[] = {
  "interests",   "backend-uri",     "adapter",       "language",
  "quiet-hours", "notice-accepted", "pause-on-lock", "notify-nearby",
};

static void
changed (SighejPreferences *self, const char *what)
{
  g_signal_emit (self, signals[CHANGED], g_quark_from_string (what));
}

/* ---- the choice, else the configuration ---- */

static void
load_backend_uri (SighejPreferences *self)
{
  const char *chosen = sighej_choices_get (self->choices, SIGHEJ_CHOICE_BACKEND_URI);
  g_autoptr (GError) error = NULL;

  if (chosen != NULL && *chosen != '\0' && !sighej_link_check_uri (chosen, &error))
    {
      g_warning ("the chosen backend is not used: %s", error->message);
      chosen = NULL;
    }
  if (chosen == NULL)
    chosen = sighej_config_get_string (self->config, "Backend", "Uri");
  g_free (self->backend_uri);
  self->backend_uri = g_strdup (chosen);
}

static gboolean
check_quiet_hours (const char *const *ranges, GError **error)
{
  guint from;
  guint to;

  for (guint i = 0; ranges[i] != NULL; i++)
    if (!sighej_quiet_hours_parse (ranges[i], &from, &to, error))
      {
        g_prefix_error (error, "quiet hours ");
        return FALSE;
      }

  if (g_strv_length ((GStrv) ranges) <= SIGHEJ_QUIET_HOURS_MAX)
    return TRUE;
  g_set_error (error,
               SIGHEJ_ERROR,
               SIGHEJ_ERROR_CONFIG,
               "there may be at most %u quiet hours",
               SIGHEJ_QUIET_HOURS_MAX);
  return FALSE;
}

static void
load_quiet_hours (SighejPreferences *self)
{
  const char *chosen = sighej_choices_get (self->choices, SIGHEJ_CHOICE_QUIET_HOURS);
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&self->quiet_hours, g_strfreev);
  if (chosen != NULL)
    {
      g_auto (GStrv) ranges = g_strsplit (chosen, ";", -1);

      if (check_quiet_hours ((const char *const *) ranges, &error))
        {
          self->quiet_hours = g_steal_pointer (&ranges);
          return;
        }
      g_warning ("the chosen quiet hours are not used: %s", error->message);
    }

  self->quiet_hours
      = g_strdupv ((GStrv) sighej_config_get_string_list (self->config, "Presence", "QuietHours"));
}

static const char *
supported_language (const char *language)
{
  if (g_strcmp0 (language, "da") == 0)
    return "da";

  return g_strcmp0 (language, "en") == 0 ? "en" : NULL;
}

static void
load_language (SighejPreferences *self)
{
  const char *const *wished = g_get_language_names_with_category ("LC_MESSAGES");

  self->language = supported_language (sighej_choices_get (self->choices, SIGHEJ_CHOICE_LANGUAGE));
  if (self->language == NULL)
    self->language = g_str_has_prefix (wished[0], "da") ? "da" : "en";
}

static void
load_adapter (SighejPreferences *self)
{
  const char *chosen = sighej_choices_get (self->choices, SIGHEJ_CHOICE_ADAPTER);
  const char *configured = sighej_config_get_string (self->config, "Bluetooth", "Adapter");
  const char *origin = sighej_config_get_origin (self->config, "Bluetooth", "Adapter");

  /* What is said on the command line is meant for this run, so it goes before the choice. */
  if (chosen == NULL || g_strcmp0 (origin, "--adapter") == 0)
    chosen = configured;
  g_free (self->adapter);
  self->adapter = g_strdup (chosen);
}

static void
load_pause_on_lock (SighejPreferences *self)
{
  const char *chosen = sighej_choices_get (self->choices, SIGHEJ_CHOICE_PAUSE_ON_LOCK);

  if (g_strcmp0 (chosen, "true") == 0 || g_strcmp0 (chosen, "false") == 0)
    self->pause_on_lock = *chosen == 't';
  else
    self->pause_on_lock = sighej_config_get_boolean (self->config, "Presence", "PauseOnLock");
}

static void
load (SighejPreferences *self)
{
  load_backend_uri (self);
  load_quiet_hours (self);
  load_language (self);
  load_adapter (self);
  load_pause_on_lock (self);
}

/* ---- the configuration, read anew ---- */

static void
follow_backend_uri (SighejPreferences *self)
{
  g_autofree char *before = g_strdup (self->backend_uri);

  load_backend_uri (self);
  if (g_strcmp0 (before, self->backend_uri) == 0)
    return;

  if (!self->open)
    {
      changed (self, "backend-uri");
      return;
    }
  g_message ("the other backend of the configuration waits until this opening is over");
  g_free (self->backend_uri);
  self->backend_uri = g_steal_pointer (&before);
}

static void
follow_quiet_hours (SighejPreferences *self)
{
  g_auto (GStrv) before = g_strdupv (self->quiet_hours);

  load_quiet_hours (self);
  if (!g_strv_equal ((const char *const *) before, (const char *const *) self->quiet_hours))
    changed (self, "quiet-hours");
}

static void
follow_adapter (SighejPreferences *self)
{
  g_autofree char *before = g_strdup (self->adapter);

  load_adapter (self);
  if (g_strcmp0 (before, self->adapter) != 0)
    changed (self, "adapter");
}

static void
follow_pause_on_lock (SighejPreferences *self)
{
  gboolean before = self->pause_on_lock;

  load_pause_on_lock (self);
  if (before != self->pause_on_lock)
    changed (self, "pause-on-lock");
}

static void
on_config_changed (SighejPreferences *self)
{
  follow_backend_uri (self);
  follow_quiet_hours (self);
  follow_adapter (self);
  follow_pause_on_lock (self);
}

SighejPreferences *
sighej_preferences_new (SighejConfig *config, SighejChoices *choices)
{
  SighejPreferences *self = g_object_new (SIGHEJ_TYPE_PREFERENCES, NULL);

  self->config = g_object_ref (config);
  self->choices = g_object_ref (choices);
  load (self);
  g_signal_connect_object (
      config, "changed", G_CALLBACK (on_config_changed), self, G_CONNECT_SWAPPED);
  return self;
}

void
sighej_preferences_set_open (SighejPreferences *self, gboolean open)
{
  gboolean is_over = self->open && !open;

  self->open = open;
  if (is_over)
    follow_backend_uri (self);
}

/* ---- choosing ---- */

gboolean
sighej_preferences_set_interests (SighejPreferences *self,
                                  const char *const *interests,
                                  GError **error)
{
  if (!sighej_choices_set_interests (self->choices, interests, error))
    return FALSE;

  changed (self, "interests");
  return TRUE;
}

gboolean
sighej_preferences_set_backend_uri (SighejPreferences *self, const char *uri, GError **error)
{
  g_autofree char *before = NULL;

  if (*uri != '\0' && !sighej_link_check_uri (uri, error))
    return FALSE;
  if (!sighej_choices_set (self->choices, SIGHEJ_CHOICE_BACKEND_URI, uri, error))
    return FALSE;
  if (g_strcmp0 (uri, self->backend_uri) == 0)
    return TRUE;

  before = g_steal_pointer (&self->backend_uri);
  self->backend_uri = g_strdup (uri);
  changed (self, "backend-uri");
  return TRUE;
}

gboolean
sighej_preferences_set_adapter (SighejPreferences *self, const char *path, GError **error)
{
  if (!sighej_choices_set (self->choices, SIGHEJ_CHOICE_ADAPTER, path, error))
    return FALSE;

  g_free (self->adapter);
  self->adapter = g_strdup (path);
  changed (self, "adapter");
  return TRUE;
}

gboolean
sighej_preferences_set_language (SighejPreferences *self, const char *language, GError **error)
{
  const char *supported = supported_language (language);

  if (supported == NULL)
    {
      g_set_error_literal (
          error, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_SUPPORTED, "the language must be en or da");
      return FALSE;
    }
  if (!sighej_choices_set (self->choices, SIGHEJ_CHOICE_LANGUAGE, supported, error))
    return FALSE;

  self->language = supported;
  changed (self, "language");
  return TRUE;
}

gboolean
sighej_preferences_set_quiet_hours (SighejPreferences *self,
                                    const char *const *ranges,
                                    GError **error)
{
  g_autofree char *text = g_strjoinv (";", (GStrv) ranges);
  g_auto (GStrv) before = NULL;

  if (!check_quiet_hours (ranges, error)
      || !sighej_choices_set (self->choices, SIGHEJ_CHOICE_QUIET_HOURS, text, error))
    return FALSE;

  before = g_steal_pointer (&self->quiet_hours);
  self->quiet_hours = g_strdupv ((GStrv) ranges);
  changed (self, "quiet-hours");
  return TRUE;
}

gboolean
sighej_preferences_set_notice_accepted (SighejPreferences *self, gboolean accepted, GError **error)
{
  if (!sighej_choices_set (
          self->choices, SIGHEJ_CHOICE_NOTICE_ACCEPTED, accepted ? "true" : "false", error))
    return FALSE;

  changed (self, "notice-accepted");
  return TRUE;
}

gboolean
sighej_preferences_set_pause_on_lock (SighejPreferences *self, gboolean pause, GError **error)
{
  if (!sighej_choices_set (
          self->choices, SIGHEJ_CHOICE_PAUSE_ON_LOCK, pause ? "true" : "false", error))
    return FALSE;

  self->pause_on_lock = pause;
  changed (self, "pause-on-lock");
  return TRUE;
}

gboolean
sighej_preferences_set_notify_nearby (SighejPreferences *self, gboolean notify, GError **error)
{
  if (!sighej_choices_set (
          self->choices, SIGHEJ_CHOICE_NOTIFY_NEARBY, notify ? "true" : "false", error))
    return FALSE;

  changed (self, "notify-nearby");
  return TRUE;
}

gboolean
sighej_preferences_forget (SighejPreferences *self, GError **error)
{
  gboolean forgotten = sighej_choices_forget (self->choices, error);

  load (self);
  for (guint i = 0; i < G_N_ELEMENTS (details); i++)
    changed (self, details[i]);
  return forgotten;
}

/* ---- what holds ---- */

const char *const *
sighej_preferences_get_interests (SighejPreferences *self)
{
  return sighej_choices_get_interests (self->choices);
}

const char *
sighej_preferences_get_backend_uri (SighejPreferences *self)
{
  return self->backend_uri;
}

const char *
sighej_preferences_get_adapter (SighejPreferences *self)
{
  return self->adapter;
}

const char *
sighej_preferences_get_language (SighejPreferences *self)
{
  return self->language;
}

const char *const *
sighej_preferences_get_quiet_hours (SighejPreferences *self)
{
  return (const char *const *) self->quiet_hours;
}

gboolean
sighej_preferences_get_notice_accepted (SighejPreferences *self)
{
  return g_strcmp0 (sighej_choices_get (self->choices, SIGHEJ_CHOICE_NOTICE_ACCEPTED), "true") == 0;
}

gboolean
sighej_preferences_get_pause_on_lock (SighejPreferences *self)
{
  return self->pause_on_lock;
}

gboolean
sighej_preferences_get_notify_nearby (SighejPreferences *self)
{
  return g_strcmp0 (sighej_choices_get (self->choices, SIGHEJ_CHOICE_NOTIFY_NEARBY), "true") == 0;
}

void
sighej_preferences_check (SighejPreferences *self, GPtrArray *results)
{
  if (*sighej_preferences_get_interests (self) == NULL)
    sighej_check_results_add (results,
                              "presence.interests",
                              "error",
                              "no interest is chosen",
                              "choose some: sighejctl interests set devops \"board games\"");
  else
    sighej_check_results_add (results, "presence.interests", "ok", "interests are chosen", "");
}
