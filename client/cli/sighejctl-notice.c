/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejctl"

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "sighej-error.h"
#include "sighejctl-context.h"

/* Who the backend's operator invites unless its terms say otherwise, years. */
#define MINIMUM_AGE_YEARS 18

/* What a person must have seen before the first opening (DESIGN 3, "Notice"). */
static void
show_notice (const char *uri)
{
  gsize length = strlen (uri);
  g_autofree char *base
      = g_strndup (uri, length > 0 && uri[length - 1] == '/' ? length - 1 : length);
  g_autofree char *text = g_strdup_printf (
      _ ("Before you open for the first time\n"
         "\n"
         "While you are open, others near you can find you by what you like to talk about:\n"
         " - Your machine sends a random token by Bluetooth. It changes every 10 to 15 minutes.\n"
         " - The backend %s keeps the token and your interests, as keyed hashes and\n"
         "   encrypted, for the session: at most 2 hours, and until you close. Then they are "
         "wiped.\n"
         " - No name, no account, no place is asked for or kept. Only two who meet and both want "
         "it\n"
         "   are shown where the other is, and the backend forgets it within two minutes.\n"
         " - When somebody near shares an interest, both of you are shown which ones.\n"
         " - What you say to somebody you meet is encrypted between your two machines.\n"
         " - For 30 days this machine keeps, sealed, what it takes to avoid those you were nudged "
         "with.\n"
         "\n"
         "Interests can be sensitive data: they may tell of health, belief, politics or love.\n"
         "Choose only what you would tell a stranger. You must be %d or older, unless the\n"
         "operator's terms say otherwise.\n"
         "\n"
         "The operator's rules: %s/privacy and\n"
         "                      %s/terms\n"),
      base,
      MINIMUM_AGE_YEARS,
      base,
      base);
  g_autofree char *printable = sighejctl_printable (text);

  fputs (printable, stderr);
}

gboolean
sighejctl_is_yes (const char *answer)
{
  g_autofree char *folded = answer != NULL ? g_utf8_casefold (answer, -1) : NULL;

  return folded != NULL
         && (g_str_equal (folded, "y") || g_str_equal (folded, "yes")
             || g_str_equal (folded, C_ ("answer", "y"))
             || g_str_equal (folded, C_ ("answer", "yes")));
}

static gboolean
refuse (GError **error, const char *message)
{
  g_set_error_literal (error, SIGHEJ_ERROR, SIGHEJ_ERROR_FAILED, message);
  return FALSE;
}

gboolean
sighejctl_notice_check (Sighejctl *self, GError **error)
{
  SighejDBusManager1 *manager = sighej_client_get_manager (self->client);
  g_autofree char *answer = NULL;

  if (sighej_dbus_manager1_get_notice_accepted (manager))
    return TRUE;

  show_notice (sighej_dbus_manager1_get_backend_uri (manager));
  if (!self->accept_notice)
    {
      if (!sighejctl_can_ask (self))
        return refuse (error,
                       _ ("the notice above is not accepted yet; if you agree, run 'sighejctl open "
                          "--accept-notice'"));
      answer = sighejctl_ask (_ ("\nDo you agree? [y/N]"));
      if (!sighejctl_is_yes (answer))
        return refuse (error,
                       _ ("not opened, because the notice is not accepted; nothing was sent"));
    }
  return sighejctl_set_property (self, "NoticeAccepted", g_variant_new_boolean (TRUE), error);
}
