/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-choices.h"

#include <string.h>

#include "sighej-interest.h"
#include "sighej-names.h"
#include "sighej-state-file.h"

#define GROUP "Choices"

struct _SighejChoices
{
  GObject parent_instance;

  char *choices_path;
  char *interests_path;
  char *values[SIGHEJ_N_CHOICES];
  GStrv interests;
};

G_DEFINE_FINAL_TYPE (SighejChoices, sighej_choices, G_TYPE_OBJECT)

static const char *const keys[] = {
  [SIGHEJ_CHOICE_BACKEND_URI] = "BackendUri",
  [SIGHEJ_CHOICE_ADAPTER] = "Adapter",
  [SIGHEJ_CHOICE_LANGUAGE] = "Language",
  [SIGHEJ_CHOICE_QUIET_HOURS] = "QuietHours",
  [SIGHEJ_CHOICE_NOTICE_ACCEPTED] = "NoticeAccepted",
  [SIGHEJ_CHOICE_PAUSE_ON_LOCK] = "PauseOnLock",
  [SIGHEJ_CHOICE_NOTIFY_NEARBY] = "NotifyNearby",
};
G_STATIC_ASSERT (G_N_ELEMENTS (keys) == SIGHEJ_N_CHOICES);

static void
sighej_choices_init (SighejChoices *self)
{
  self->interests = g_new0 (char *, 1);
}

static void
sighej_choices_finalize (GObject *object)
{
  SighejChoices *self = SIGHEJ_CHOICES (object);

  g_free (self->choices_path);
  g_free (self->interests_path);
  for (guint i = 0; i < SIGHEJ_N_CHOICES; i++)
    g_free (self->values[i]);
  g_strfreev (self->interests);

  G_OBJECT_CLASS (sighej_choices_parent_class)->finalize (object);
}

static void
sighej_choices_class_init (SighejChoicesClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sighej_choices_finalize;
}

/* ---- reading ---- */

static gboolean
load_choices (SighejChoices *self, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *text = sighej_state_file_read (self->choices_path, error);

  if (text == NULL)
    return error == NULL || *error == NULL;
  if (!g_key_file_load_from_data (file, text, (gsize) -1, G_KEY_FILE_NONE, error))
    return FALSE;

  for (guint i = 0; i < SIGHEJ_N_CHOICES; i++)
    if (g_key_file_has_key (file, GROUP, keys[i], NULL))
      {
        self->values[i] = g_key_file_get_string (file, GROUP, keys[i], error);
        if (self->values[i] == NULL)
          return FALSE;
      }

  return TRUE;
}

static GStrv
merge_doubles (const char *const *interests, GError **error)
{
  g_auto (GStrv) checked = sighej_interest_list_check (interests, error);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  if (checked == NULL)
    return NULL;

  for (guint i = 0; interests[i] != NULL; i++)
    {
      g_autofree char *written = g_strstrip (g_strdup (interests[i]));
      char *normal = sighej_interest_normalise (interests[i], NULL);

      if (g_hash_table_add (seen, normal))
        g_strv_builder_add (builder, written);
    }

  return g_strv_builder_end (builder);
}

static gboolean
load_interests (SighejChoices *self, GError **error)
{
  g_autofree char *text = sighej_state_file_read (self->interests_path, error);
  g_auto (GStrv) lines = NULL;
  GStrv interests;

  if (text == NULL)
    return error == NULL || *error == NULL;

  g_strchomp (text);
  if (*text == '\0')
    return TRUE;

  lines = g_strsplit (text, "\n", -1);
  interests = merge_doubles ((const char *const *) lines, error);
  if (interests == NULL)
    return FALSE;

  g_strfreev (self->interests);
  self->interests = interests;
  return TRUE;
}

static void
load (SighejChoices *self)
{
  g_autoptr (GError) choices_error = NULL;
  g_autoptr (GError) interests_error = NULL;

  if (!load_choices (self, &choices_error))
    {
      for (guint i = 0; i < SIGHEJ_N_CHOICES; i++)
        g_clear_pointer (&self->values[i], g_free);
      sighej_state_file_put_aside (self->choices_path, choices_error);
    }

  if (!load_interests (self, &interests_error))
    sighej_state_file_put_aside (self->interests_path, interests_error);
}

/* ---- writing ---- */

static char *
choices_to_text (SighejChoices *self, SighejChoice changed, const char *value)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();

  for (guint i = 0; i < SIGHEJ_N_CHOICES; i++)
    {
      const char *text = i == changed ? value : self->values[i];

      if (text != NULL)
        g_key_file_set_string (file, GROUP, keys[i], text);
    }

  return g_key_file_to_data (file, NULL, NULL);
}

/* ---- public ---- */

char *
sighej_choices_dup_folder (void)
{
  const char *state_directory = g_getenv (SIGHEJ_ENV_STATE_DIRECTORY);

  if (state_directory != NULL && *state_directory != '\0')
    return g_strndup (state_directory, strcspn (state_directory, ":"));

  return g_build_filename (g_get_user_state_dir (), "sighej", NULL);
}

SighejChoices *
sighej_choices_new (const char *folder)
{
  SighejChoices *self = g_object_new (SIGHEJ_TYPE_CHOICES, NULL);

  self->choices_path = g_build_filename (folder, "choices", NULL);
  self->interests_path = g_build_filename (folder, "interests", NULL);
  load (self);
  return self;
}

const char *
sighej_choices_get (SighejChoices *self, SighejChoice choice)
{
  return self->values[choice];
}

gboolean
sighej_choices_set (SighejChoices *self, SighejChoice choice, const char *value, GError **error)
{
  g_autofree char *text = NULL;

  if (g_strcmp0 (self->values[choice], value) == 0)
    return TRUE;

  text = choices_to_text (self, choice, value);
  if (!sighej_state_file_write (self->choices_path, text, error))
    return FALSE;

  g_free (self->values[choice]);
  self->values[choice] = g_strdup (value);
  return TRUE;
}

const char *const *
sighej_choices_get_interests (SighejChoices *self)
{
  return (const char *const *) self->interests;
}

gboolean
sighej_choices_set_interests (SighejChoices *self, const char *const *interests, GError **error)
{
  g_auto (GStrv) merged = merge_doubles (interests, error);
  g_autofree char *lines = NULL;
  g_autofree char *text = NULL;

  if (merged == NULL)
    return FALSE;

  lines = g_strjoinv ("\n", merged);
  text = g_strconcat (lines, "\n", NULL);
  if (!sighej_state_file_write (self->interests_path, text, error))
    return FALSE;

  g_strfreev (self->interests);
  self->interests = g_steal_pointer (&merged);
  return TRUE;
}

gboolean
sighej_choices_forget (SighejChoices *self, GError **error)
{
  gboolean no_choices = sighej_state_file_delete (self->choices_path, error);

  for (guint i = 0; i < SIGHEJ_N_CHOICES; i++)
    g_clear_pointer (&self->values[i], g_free);
  g_strfreev (self->interests);
  self->interests = g_new0 (char *, 1);
  return sighej_state_file_delete (self->interests_path, no_choices ? error : NULL) && no_choices;
}
