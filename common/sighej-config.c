/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-config"

#include "config.h"

#include "sighej-config.h"

#include <string.h>

#define FILE_BYTES_MAX (64 * 1024)
#define LIST_ITEMS_MAX 64
#define DURATION_DIGITS_MAX 9
#define ALIGN_CHARS_MAX 44 /* a longer Key=value pushes only its own origin to the right */

typedef struct
{
  char *text;    /* as written, without space around it */
  char *origin;  /* where it came from, for people */
  gint64 number; /* BOOLEAN, INTEGER, DURATION_SECONDS */
  GStrv list;    /* STRING_LIST */
} Value;

struct _SighejConfig
{
  GObject parent_instance;

  const SighejConfigKey *keys;
  Value *values; /* one a key, in the order of the table */
  gsize n_keys;
  GPtrArray *warnings; /* of char *, ends with NULL */
};

G_DEFINE_FINAL_TYPE (SighejConfig, sighej_config, G_TYPE_OBJECT)

enum
{
  CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
value_clear (Value *value)
{
  if (value->text != NULL)
    explicit_bzero (value->text, strlen (value->text));
  g_clear_pointer (&value->text, g_free);
  g_clear_pointer (&value->origin, g_free);
  g_clear_pointer (&value->list, g_strfreev);
}

static void
sighej_config_init (SighejConfig *self)
{
  self->warnings = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->warnings, NULL);
}

static void
sighej_config_finalize (GObject *object)
{
  SighejConfig *self = SIGHEJ_CONFIG (object);

  for (gsize i = 0; i < self->n_keys; i++)
    value_clear (&self->values[i]);
  g_free (self->values);
  g_ptr_array_unref (self->warnings);

  G_OBJECT_CLASS (sighej_config_parent_class)->finalize (object);
}

static void
sighej_config_class_init (SighejConfigClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sighej_config_finalize;

  signals[CHANGED] = g_signal_new (
      "changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

/* ---- one value: text -> checked ---- */

static gboolean refuse (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
refuse (GError **error, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  if (error != NULL)
    *error = g_error_new_valist (SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG, format, arguments);
  va_end (arguments);
  return FALSE;
}

static gboolean
parse_boolean (const char *text, gint64 *number, GError **error)
{
  static const char *const yes[] = { "true", "yes", "1", NULL };
  static const char *const no[] = { "false", "no", "0", NULL };

  *number = g_strv_contains (yes, text);
  if (*number || g_strv_contains (no, text))
    return TRUE;
  return refuse (error, "must be true, false, yes, no, 1 or 0");
}

static gboolean
parse_integer (const SighejConfigKey *key, const char *text, gint64 *number, GError **error)
{
  if (g_ascii_string_to_signed (text, 10, key->minimum, key->maximum, number, NULL))
    return TRUE;
  return refuse (error,
                 "must be a whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT "%s%s",
                 key->minimum,
                 key->maximum,
                 key->unit != NULL ? " " : "",
                 key->unit != NULL ? key->unit : "");
}

static gboolean
parse_duration (const SighejConfigKey *key, const char *text, gint64 *number, GError **error)
{
  guint seconds = 0;

  if (sighej_duration_parse (text, &seconds, NULL) && seconds >= key->minimum
      && seconds <= key->maximum)
    {
      *number = seconds;
      return TRUE;
    }
  return refuse (error,
                 "must be a time from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT
                 " seconds, such as 90s, 30min or 2h",
                 key->minimum,
                 key->maximum);
}

static gboolean
parse_choice (const SighejConfigKey *key, const char *text, GError **error)
{
  g_auto (GStrv) choices = g_strsplit (key->choices, "|", -1);
  g_autofree char *words = NULL;

  if (g_strv_contains ((const char *const *) choices, text))
    return TRUE;

  words = g_strjoinv (", ", choices);
  return refuse (error, "must be one of %s", words);
}

static gboolean
parse_list (const char *text, GStrv *list, GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) parts = g_strsplit_set (text, ";,", -1);
  guint n_items = 0;

  for (gsize i = 0; parts[i] != NULL; i++)
    {
      const char *item = g_strstrip (parts[i]);

      if (*item == '\0')
        continue;
      if (++n_items > LIST_ITEMS_MAX)
        return refuse (error, "may list at most %d items", LIST_ITEMS_MAX);
      g_strv_builder_add (builder, item);
    }
  *list = g_strv_builder_end (builder);
  return TRUE;
}

static gboolean
is_printable (const char *text)
{
  if (!g_utf8_validate (text, -1, NULL))
    return FALSE;

  for (const char *c = text; *c != '\0'; c = g_utf8_next_char (c))
    if (g_unichar_iscntrl (g_utf8_get_char (c)))
      return FALSE;
  return TRUE;
}

static gboolean
parse_by_type (const SighejConfigKey *key, Value *value, GError **error)
{
  switch (key->type)
    {
    case SIGHEJ_CONFIG_STRING:
      return TRUE;
    case SIGHEJ_CONFIG_STRING_LIST:
      return parse_list (value->text, &value->list, error);
    case SIGHEJ_CONFIG_BOOLEAN:
      return parse_boolean (value->text, &value->number, error);
    case SIGHEJ_CONFIG_INTEGER:
      return parse_integer (key, value->text, &value->number, error);
    case SIGHEJ_CONFIG_DURATION_SECONDS:
      return parse_duration (key, value->text, &value->number, error);
    case SIGHEJ_CONFIG_ENUM:
      return parse_choice (key, value->text, error);
    default:
      g_return_val_if_reached (FALSE);
    }
}

static gboolean
value_parse (const SighejConfigKey *key, Value *value, GError **error)
{
  if (!is_printable (value->text))
    return refuse (error, "must be printable UTF-8 text");
  if (!parse_by_type (key, value, error))
    return FALSE;
  return key->check == NULL || key->check (value->text, error);
}

/* Replaces the value of key number @i. @where stands in front of an error. */
static gboolean
apply (SighejConfig *self,
       gsize i,
       const char *text,
       const char *where,
       const char *origin,
       GError **error)
{
  const SighejConfigKey *key = &self->keys[i];
  g_autoptr (GError) local_error = NULL;
  Value value = { 0 };

  value.text = g_strstrip (g_strdup (text));
  value.origin = g_strdup (origin);
  if (!value_parse (key, &value, &local_error))
    {
      value_clear (&value);
      return refuse (error,
                     "%s: %s in [%s] %s",
                     where,
                     key->key,
                     key->group,
                     local_error != NULL ? local_error->message : "is not acceptable");
    }

  value_clear (&self->values[i]);
  self->values[i] = value;
  return TRUE;
}

SighejConfig *
sighej_config_new (const SighejConfigKey *keys)
{
  SighejConfig *self = g_object_new (SIGHEJ_TYPE_CONFIG, NULL);

  self->keys = keys;
  while (keys[self->n_keys].group != NULL)
    self->n_keys++;
  self->values = g_new0 (Value, self->n_keys);

  for (gsize i = 0; i < self->n_keys; i++)
    {
      g_autoptr (GError) error = NULL;

      /* A default its own table refuses is our bug, not the world's. */
      if (!apply (self, i, keys[i].default_value, "built-in default", "default", &error))
        g_error ("%s", error->message);
    }
  return self;
}

static gboolean
find_key (SighejConfig *self, const char *group, const char *key, gsize *index)
{
  for (gsize i = 0; i < self->n_keys; i++)
    {
      if (strcmp (self->keys[i].group, group) == 0 && strcmp (self->keys[i].key, key) == 0)
        {
          *index = i;
          return TRUE;
        }
    }
  return FALSE;
}

static gboolean
has_group (SighejConfig *self, const char *group)
{
  for (gsize i = 0; i < self->n_keys; i++)
    if (strcmp (self->keys[i].group, group) == 0)
      return TRUE;
  return FALSE;
}

/* ---- files ---- */

typedef enum
{
  LINE_IGNORED,
  LINE_GROUP,
  LINE_KEY,
  LINE_BAD,
} LineKind;

/* GKeyFile knows no line numbers, so lines are classified here once more; @name is its word. */
static LineKind
classify_line (const char *line, char **name)
{
  g_autofree char *stripped = g_strstrip (g_strdup (line));
  const char *end;

  if (*stripped == '\0' || *stripped == '#')
    return LINE_IGNORED;

  if (*stripped == '[')
    {
      end = strchr (stripped, ']');
      if (end == NULL)
        return LINE_BAD;
      *name = g_strndup (stripped + 1, (gsize) (end - stripped - 1));
      return LINE_GROUP;
    }

  end = strchr (stripped, '=');
  if (end == NULL || end == stripped)
    return LINE_BAD;
  *name = g_strchomp (g_strndup (stripped, (gsize) (end - stripped)));
  return LINE_KEY;
}

/* The last line, from 1, that sets @key (NULL: that opens @group); 0 when there is none. */
static guint
find_line (const char *const *lines, const char *group, const char *key)
{
  gboolean in_group = FALSE;
  guint found = 0;

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autofree char *name = NULL;
      LineKind kind = classify_line (lines[i], &name);

      if (kind == LINE_GROUP)
        in_group = strcmp (name, group) == 0;
      if (in_group
          && ((kind == LINE_GROUP && key == NULL)
              || (kind == LINE_KEY && key != NULL && strcmp (name, key) == 0)))
        found = i + 1;
    }
  return found;
}

static guint
find_bad_line (const char *const *lines)
{
  gboolean in_group = FALSE;

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autofree char *name = NULL;
      LineKind kind = classify_line (lines[i], &name);

      if (kind == LINE_BAD || (kind == LINE_KEY && !in_group))
        return i + 1;
      in_group = in_group || kind == LINE_GROUP;
    }
  return 0;
}

static void
warn (SighejConfig *self, char *sentence)
{
  g_ptr_array_insert (self->warnings, (int) self->warnings->len - 1, sentence);
}

static gboolean
apply_group (SighejConfig *self,
             GKeyFile *file,
             const char *group,
             const char *path,
             const char *const *lines,
             GError **error)
{
  g_auto (GStrv) names = g_key_file_get_keys (file, group, NULL, NULL);

  for (gsize i = 0; names != NULL && names[i] != NULL; i++)
    {
      g_autofree char *where = g_strdup_printf ("%s:%u", path, find_line (lines, group, names[i]));
      g_autofree char *text = NULL;
      g_autoptr (GError) bad_text = NULL;
      gsize index;

      if (!find_key (self, group, names[i], &index))
        {
          warn (self,
                g_strdup_printf ("%s: unknown key %s in [%s] is ignored", where, names[i], group));
          continue;
        }
      /* For a bad escape it returns both a text and an error. */
      text = g_key_file_get_string (file, group, names[i], &bad_text);
      if (bad_text != NULL)
        return refuse (error,
                       "%s: %s in [%s] must be UTF-8 text with no escapes but \\s \\n \\t \\r \\\\",
                       where,
                       names[i],
                       group);
      if (!apply (self, index, text, where, where, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
apply_file (
    SighejConfig *self, const char *path, const char *contents, gsize n_bytes, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) local_error = NULL;
  g_auto (GStrv) lines = g_strsplit (contents, "\n", -1);
  g_auto (GStrv) groups = NULL;

  if (!g_key_file_load_from_data (file, contents, n_bytes, G_KEY_FILE_NONE, &local_error))
    {
      guint bad_line = find_bad_line ((const char *const *) lines);

      if (bad_line == 0)
        return refuse (error, "%s: %s", path, local_error->message);
      return refuse (error,
                     "%s:%u: must be a [Group], a Key=value in a group, or a # comment",
                     path,
                     bad_line);
    }

  groups = g_key_file_get_groups (file, NULL);
  for (gsize i = 0; groups[i] != NULL; i++)
    {
      if (!has_group (self, groups[i]))
        warn (self,
              g_strdup_printf ("%s:%u: unknown group [%s] is ignored",
                               path,
                               find_line ((const char *const *) lines, groups[i], NULL),
                               groups[i]));
      else if (!apply_group (self, file, groups[i], path, (const char *const *) lines, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
sighej_config_add_file (SighejConfig *self, const char *path, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autofree char *contents = NULL;
  gsize n_bytes;

  if (!g_file_get_contents (path, &contents, &n_bytes, &local_error))
    {
      if (g_error_matches (local_error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return TRUE;
      return refuse (error, "cannot read the configuration: %s", local_error->message);
    }
  if (n_bytes > FILE_BYTES_MAX)
    return refuse (error, "%s: larger than %d KiB", path, FILE_BYTES_MAX / 1024);
  if (n_bytes == 0)
    return TRUE;
  if (memchr (contents, '\0', n_bytes) != NULL)
    return refuse (error, "%s: holds NUL bytes, so it is no text", path);

  return apply_file (self, path, contents, n_bytes, error);
}

gboolean
sighej_config_add_data (SighejConfig *self, const char *data, const char *name, GError **error)
{
  return *data == '\0' || apply_file (self, name, data, strlen (data), error);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

gboolean
sighej_config_add_drop_ins (SighejConfig *self, const char *folder, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &local_error);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  if (dir == NULL)
    {
      if (g_error_matches (local_error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return TRUE;
      return refuse (error, "cannot read the configuration: %s", local_error->message);
    }

  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".conf") && *name != '.')
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);

  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, names->pdata[i], NULL);

      if (!sighej_config_add_file (self, path, error))
        return FALSE;
    }
  return TRUE;
}

/* ---- other layers ---- */

gboolean
sighej_config_add_environment (SighejConfig *self, GError **error)
{
  for (gsize i = 0; i < self->n_keys; i++)
    {
      const char *variable = self->keys[i].environment;
      const char *text = variable != NULL ? g_getenv (variable) : NULL;
      g_autofree char *where = NULL;

      /* Compose files and units write "REDIS_URL=" for "not set". */
      if (text == NULL || *text == '\0')
        continue;
      where = g_strdup_printf ("environment variable %s", variable);
      if (!apply (self, i, text, where, "environment", error))
        return FALSE;
    }
  return TRUE;
}

gboolean
sighej_config_set (SighejConfig *self,
                   const char *group,
                   const char *key,
                   const char *value,
                   const char *origin,
                   GError **error)
{
  gsize index;

  if (!find_key (self, group, key, &index))
    return refuse (error, "%s: there is no key %s in [%s]", origin, key, group);
  return apply (self, index, value, origin, origin, error);
}

/* ---- read anew ---- */

char *
sighej_config_keep (SighejConfig *self, SighejConfig *old, SighejConfigIsKept is_kept)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (gsize i = 0; i < self->n_keys; i++)
    {
      const SighejConfigKey *key = &self->keys[i];
      const Value *before = &old->values[i];

      if (!is_kept (key) || strcmp (before->text, self->values[i].text) == 0)
        continue;
      g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", key->key);
      apply (self, i, before->text, before->origin, before->origin, NULL);
    }
  return names->len > 0 ? g_string_free (g_steal_pointer (&names), FALSE) : NULL;
}

void
sighej_config_replace (SighejConfig *self, SighejConfig *fresh)
{
  Value *values = self->values;
  GPtrArray *warnings = self->warnings;

  g_return_if_fail (self->keys == fresh->keys);

  self->values = fresh->values;
  self->warnings = fresh->warnings;
  fresh->values = values;
  fresh->warnings = warnings;
  g_signal_emit (self, signals[CHANGED], 0);
}

/* ---- reading ---- */

/* Asking for a key the program's own table lacks is our bug. */
static const Value *
get_value (SighejConfig *self, const char *group, const char *key)
{
  gsize index;

  if (!find_key (self, group, key, &index))
    g_error ("no setting %s in [%s]", key, group);
  return &self->values[index];
}

const char *
sighej_config_get_string (SighejConfig *self, const char *group, const char *key)
{
  return get_value (self, group, key)->text;
}

const char *const *
sighej_config_get_string_list (SighejConfig *self, const char *group, const char *key)
{
  return (const char *const *) get_value (self, group, key)->list;
}

gboolean
sighej_config_get_boolean (SighejConfig *self, const char *group, const char *key)
{
  return get_value (self, group, key)->number != 0;
}

gint64
sighej_config_get_integer (SighejConfig *self, const char *group, const char *key)
{
  return get_value (self, group, key)->number;
}

guint
sighej_config_get_duration_s (SighejConfig *self, const char *group, const char *key)
{
  return (guint) get_value (self, group, key)->number;
}

const char *
sighej_config_get_origin (SighejConfig *self, const char *group, const char *key)
{
  return get_value (self, group, key)->origin;
}

const char *const *
sighej_config_get_warnings (SighejConfig *self)
{
  return (const char *const *) self->warnings->pdata;
}

/* "Key=value" as people may see it. (transfer full) */
static char *
dup_line (SighejConfig *self, gsize i)
{
  const SighejConfigKey *key = &self->keys[i];
  g_autofree char *shown = key->show != NULL ? key->show (self->values[i].text) : NULL;

  return g_strdup_printf ("%s=%s", key->key, shown != NULL ? shown : self->values[i].text);
}

static gsize
text_width (SighejConfig *self)
{
  glong widest = 0;

  for (gsize i = 0; i < self->n_keys; i++)
    {
      g_autofree char *line = dup_line (self, i);
      glong width = g_utf8_strlen (line, -1);

      if (width <= ALIGN_CHARS_MAX)
        widest = MAX (widest, width);
    }
  return (gsize) widest;
}

char *
sighej_config_to_text (SighejConfig *self)
{
  GString *text = g_string_new (NULL);
  const char *group = NULL;
  gsize width = text_width (self);

  for (gsize i = 0; i < self->n_keys; i++)
    {
      const SighejConfigKey *key = &self->keys[i];
      g_autofree char *line = dup_line (self, i);
      gsize length = (gsize) g_utf8_strlen (line, -1);

      if (g_strcmp0 (group, key->group) != 0)
        g_string_append_printf (text, "%s[%s]\n", group != NULL ? "\n" : "", key->group);
      group = key->group;
      g_string_append_printf (text,
                              "%s%*s  # %s\n",
                              line,
                              length < width ? (int) (width - length) : 0,
                              "",
                              self->values[i].origin);
    }
  return g_string_free (text, FALSE);
}

char *
sighej_config_to_data (SighejConfig *self)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();

  for (gsize i = 0; i < self->n_keys; i++)
    g_key_file_set_string (file, self->keys[i].group, self->keys[i].key, self->values[i].text);
  return g_key_file_to_data (file, NULL, NULL);
}

/* ---- words people write ---- */

static const struct
{
  const char *word;
  guint64 seconds;
} duration_units[] = {
  { "h", 3600 },
  { "min", 60 },
  { "s", 1 },
};

/* Takes one "30min" off @text; units may only get smaller, so "1h30min" but not "30min1h". */
static gboolean
take_duration_part (const char **text, gsize *next_unit, guint64 *total_s)
{
  gsize n_digits = strspn (*text, "0123456789");
  guint64 number = g_ascii_strtoull (*text, NULL, 10);
  const char *word = *text + n_digits;

  if (n_digits == 0 || n_digits > DURATION_DIGITS_MAX)
    return FALSE;

  for (gsize i = *next_unit; i < G_N_ELEMENTS (duration_units); i++)
    {
      if (g_str_has_prefix (word, duration_units[i].word))
        {
          *text = word + strlen (duration_units[i].word);
          *next_unit = i + 1;
          *total_s += number * duration_units[i].seconds;
          return TRUE;
        }
    }
  return FALSE;
}

gboolean
sighej_duration_parse (const char *text, guint *seconds, GError **error)
{
  const char *rest = text;
  gsize next_unit = 0;
  guint64 total_s = 0;
  gsize n_digits = strspn (text, "0123456789");
  gboolean good;

  if (n_digits > 0 && n_digits <= DURATION_DIGITS_MAX && text[n_digits] == '\0')
    {
      *seconds = (guint) g_ascii_strtoull (text, NULL, 10);
      return TRUE;
    }

  do
    good = take_duration_part (&rest, &next_unit, &total_s);
  while (good && *rest != '\0');

  if (!good || total_s > G_MAXUINT)
    {
      g_set_error_literal (error,
                           SIGHEJ_ERROR,
                           SIGHEJ_ERROR_INVALID_DURATION,
                           "a duration is written like 90, 90s, 30min, 2h or 1h30min");
      return FALSE;
    }
  *seconds = (guint) total_s;
  return TRUE;
}

/* "HH:MM", always five characters. */
static gboolean
parse_minute_of_day (const char *text, guint *minute)
{
  guint hours;
  guint minutes;

  for (int i = 0; i < 5; i++)
    if (i == 2 ? text[i] != ':' : !g_ascii_isdigit (text[i]))
      return FALSE;

  hours = (guint) (g_ascii_digit_value (text[0]) * 10 + g_ascii_digit_value (text[1]));
  minutes = (guint) (g_ascii_digit_value (text[3]) * 10 + g_ascii_digit_value (text[4]));
  *minute = hours * 60 + minutes;
  return hours < 24 && minutes < 60;
}

gboolean
sighej_quiet_hours_parse (const char *text, guint *from_minute, guint *to_minute, GError **error)
{
  guint from;
  guint to;

  if (strlen (text) != strlen ("22:00-08:00") || text[5] != '-'
      || !parse_minute_of_day (text, &from) || !parse_minute_of_day (text + 6, &to) || from == to)
    return refuse (error, "must be two different times of day, such as 22:00-08:00");

  *from_minute = from;
  *to_minute = to;
  return TRUE;
}
