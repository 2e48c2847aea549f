/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-backend"

#include "config.h"

#include "sighej-exposure.h"

#include "sighej-admin.h"

static gboolean
refuse (GError **error, const char *format, const char *name)
{
  g_autoptr (GString) message = g_string_new (format);

  g_string_replace (message, "{}", name, 0);
  g_set_error_literal (error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG, message->str);
  return FALSE;
}

static gboolean
check_token (const SighejSettings *settings, const char *name, GError **error)
{
  g_autoptr (SighejAdmin) admin = sighej_admin_new (settings->admin_token_file, error);

  if (admin == NULL)
    return FALSE;
  if (sighej_admin_has_token (admin))
    return TRUE;
  return refuse (error,
                 "the operators' listener {} is reachable from other machines; set AdminTokenFile, "
                 "or listen on loopback",
                 name);
}

gboolean
sighej_exposure_check (const SighejSettings *settings,
                       SighejSocketKind kind,
                       gboolean is_local,
                       const char *name,
                       GError **error)
{
  if (kind == SIGHEJ_SOCKET_TLS)
    return settings->auth_mode != SIGHEJ_AUTH_LEGACY
           || refuse (error, "AuthMode=legacy excludes {}", "TlsListen");
  if (is_local)
    return TRUE;
  if (settings->auth_mode == SIGHEJ_AUTH_LEGACY)
    return refuse (error, "AuthMode=legacy listens on loopback only, not on {}", name);
  if (!settings->allow_plain)
    return refuse (error,
                   "{} is reachable from other machines without TLS; listen on loopback behind a "
                   "TLS proxy, or set AllowPlain=yes",
                   name);
  return kind != SIGHEJ_SOCKET_ADMIN || check_token (settings, name, error);
}

static gboolean
check_texts (const SighejSettings *settings,
             SighejSocketKind kind,
             const char *key,
             const char *const *texts,
             GError **error)
{
  for (gsize i = 0; texts[i] != NULL; i++)
    {
      gboolean local;

      if (!sighej_listener_check_text (texts[i], &local, error)
          || !sighej_exposure_check (settings, kind, local, texts[i], error))
        return sighej_settings_blame (settings, key, error);
    }
  return TRUE;
}

gboolean
sighej_exposure_check_settings (const SighejSettings *settings, GError **error)
{
  if (settings->auth_mode == SIGHEJ_AUTH_LEGACY && !sighej_trust_is_empty (settings->server.trust))
    {
      refuse (error, "AuthMode=legacy excludes {}", "TrustedProxies");
      return sighej_settings_blame (settings, "AuthMode", error);
    }
  return check_texts (settings, SIGHEJ_SOCKET_PUBLIC, "Listen", settings->listen, error)
         && check_texts (
             settings, SIGHEJ_SOCKET_ADMIN, "AdminListen", settings->admin_listen, error)
         && check_texts (settings, SIGHEJ_SOCKET_TLS, "TlsListen", settings->tls_listen, error);
}
