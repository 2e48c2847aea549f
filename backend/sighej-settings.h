/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-client-address.h"
#include "sighej-config.h"
#include "sighej-guard-stream.h"
#include "sighej-service.h"

G_BEGIN_DECLS

/*
 * What an operator can set (INTERFACES 4, SECURITY-DESIGN 3): one table of keys, each of them
 * also an environment variable, read once at start.
 */

/* The table, for sighej_config_new(). */
extern const SighejConfigKey sighej_settings_keys[];

/**
 * SighejSettings:
 *
 * The table's values as the program uses them. Strings and lists belong to the settings.
 */
typedef struct
{
  SighejConfig *config;

  const char *const *listen;
  const char *const *admin_listen;
  const char *const *tls_listen;
  const char *tls_certificate_file;
  const char *tls_key_file;
  gboolean allow_plain;
  const char *const *allowed_origins;
  SighejTrust *trust;
  const char *admin_token_file;
  const char *privacy_file;
  const char *terms_file;
  guint minimum_age;
  const char *state_directory;
  const char *key_file;

  SighejAuthMode auth_mode;
  SighejMatchPolicy match_policy;
  SighejServiceLimits limits;
  SighejGuardLimits guard;
  guint connections_max;
  guint connections_per_address_max;
} SighejSettings;

/**
 * sighej_settings_load:
 * @file: (nullable): read instead of the system's files
 * @listen: (nullable) (array zero-terminated=1): stands for Listen
 * @admin_listen: (nullable): stands for AdminListen
 *
 * The system's files, or @file; then the environment; then the arguments.
 *
 * Errors: SIGHEJ_ERROR_CONFIG.
 */
SighejSettings *sighej_settings_load (const char *file,
                                      const char *const *listen,
                                      const char *admin_listen,
                                      GError **error);
void sighej_settings_free (SighejSettings *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejSettings, sighej_settings_free)

/* The folder for what must survive: $STATE_DIRECTORY, StateDirectory, or the user's own.
 * (transfer full) */
char *sighej_settings_dup_state_directory (SighejSettings *self);

G_END_DECLS
