/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-error.h"

G_BEGIN_DECLS

/**
 * SighejConfig:
 *
 * Settings in layers, checked once; what is read anew takes the place of the whole. Each program
 * brings one table of the keys it knows; files are GKeyFiles, later layers win, drop-ins in name
 * order, and on top may stand the environment (backend) or the person's own choices (daemon). An
 * unknown key is a warning with file and line; a bad value is an error that names file, line, key
 * and what is allowed.
 *
 * Signals:
 *  "changed" (): read anew; any value may be another one, and texts got before are gone
 */
#define SIGHEJ_TYPE_CONFIG (sighej_config_get_type ())
G_DECLARE_FINAL_TYPE (SighejConfig, sighej_config, SIGHEJ, CONFIG, GObject)

typedef enum
{
  SIGHEJ_CONFIG_STRING,
  SIGHEJ_CONFIG_STRING_LIST,      /* ";" or "," between items */
  SIGHEJ_CONFIG_BOOLEAN,          /* true false yes no 1 0 */
  SIGHEJ_CONFIG_INTEGER,          /* within [minimum, maximum] */
  SIGHEJ_CONFIG_DURATION_SECONDS, /* 90, 90s, 30min, 2h; range in seconds */
  SIGHEJ_CONFIG_ENUM,             /* one of the words in choices */
} SighejConfigType;

/**
 * SighejConfigKey:
 * @group: "Presence"
 * @key: "DefaultDuration"
 * @environment: (nullable): variable that overrides files, "SESSION_TTL_SECONDS"
 * @default_value: as it would stand in a file
 * @unit: (nullable): for people: "seconds", "dBm"
 * @choices: (nullable): "mutual|one_sided" for ENUM
 * @check: (nullable): a further test of the value; sets @error with what is allowed
 * @help: one sentence
 * @show: (nullable): what people may see of the value, when it may hold a secret; (transfer full)
 */
typedef struct
{
  const char *group;
  const char *key;
  SighejConfigType type;
  const char *environment;
  const char *default_value;
  gint64 minimum;
  gint64 maximum;
  const char *unit;
  const char *choices;
  gboolean (*check) (const char *value, GError **error);
  const char *help;
  char *(*show) (const char *value);
} SighejConfigKey;

/**
 * sighej_config_new:
 * @keys: table, ends with a NULL group; must outlive the object
 */
SighejConfig *sighej_config_new (const SighejConfigKey *keys);

/*
 * Each adds a layer on top of those before. An absent file or folder is no error.
 * Errors: SIGHEJ_ERROR_CONFIG (bad value, not a key file, unreadable).
 */
gboolean sighej_config_add_file (SighejConfig *self, const char *path, GError **error);
gboolean sighej_config_add_drop_ins (SighejConfig *self, const char *folder, GError **error);
/* @data: what a file would hold; @name stands in front of errors. */
gboolean
sighej_config_add_data (SighejConfig *self, const char *data, const char *name, GError **error);
gboolean sighej_config_add_environment (SighejConfig *self, GError **error);
/* One value from somewhere else; @origin is shown to people: "--radio", "chosen with sighejctl". */
gboolean sighej_config_set (SighejConfig *self,
                            const char *group,
                            const char *key,
                            const char *value,
                            const char *origin,
                            GError **error);

/* Which keys keep their value while the program runs. */
typedef gboolean (*SighejConfigIsKept) (const SighejConfigKey *key);

/**
 * sighej_config_keep:
 * @old: of the same table, in use
 *
 * What was read anew gets back what cannot change in a running program.
 *
 * Returns: (transfer full) (nullable): the keys that would have changed, with ", " between
 */
char *sighej_config_keep (SighejConfig *self, SighejConfig *old, SighejConfigIsKept is_kept);

/* Takes the values of @fresh, of the same table, which gets those held until now; "changed". */
void sighej_config_replace (SighejConfig *self, SighejConfig *fresh);

const char *sighej_config_get_string (SighejConfig *self, const char *group, const char *key);
const char *const *
sighej_config_get_string_list (SighejConfig *self, const char *group, const char *key);
gboolean sighej_config_get_boolean (SighejConfig *self, const char *group, const char *key);
gint64 sighej_config_get_integer (SighejConfig *self, const char *group, const char *key);
/* Seconds for DURATION_SECONDS. */
guint sighej_config_get_duration_s (SighejConfig *self, const char *group, const char *key);
/* Where the value came from: "default", "/etc/…:12", "environment". */
const char *sighej_config_get_origin (SighejConfig *self, const char *group, const char *key);
/* Unknown keys met so far, as sentences with file and line. */
const char *const *sighej_config_get_warnings (SighejConfig *self);

/* The merged result, a line a key: "Key=value   # origin", grouped; for --check-config. */
char *sighej_config_to_text (SighejConfig *self);

/* All values, passwords too, for sighej_config_add_data() in another process. (transfer full) */
char *sighej_config_to_data (SighejConfig *self);

/* "90", "90s", "30min", "2h", "1h30min" -> seconds. SIGHEJ_ERROR_INVALID_DURATION. */
gboolean sighej_duration_parse (const char *text, guint *seconds, GError **error);

/* "22:00-08:00" -> minutes of the day, 0–1439 each; SIGHEJ_ERROR_CONFIG. */
gboolean
sighej_quiet_hours_parse (const char *text, guint *from_minute, guint *to_minute, GError **error);

G_END_DECLS
