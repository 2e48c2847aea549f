/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-warden.h"

#include <unistd.h>

#include "sighej-error.h"
#include "sighej-export.h"

#define POLKIT_NAME "org.freedesktop.PolicyKit1"
#define POLKIT_PATH "/org/freedesktop/PolicyKit1/Authority"
#define POLKIT_INTERFACE "org.freedesktop.PolicyKit1.Authority"
/* CheckAuthorization: an agent may ask the person at the screen. */
#define POLKIT_ALLOW_INTERACTION 1u
#define ASK_MS (SIGHEJ_WARDEN_SECONDS_MAX * 1000)
#define ROOT_UID 0u

struct _SighejWarden
{
  GObject parent_instance;

  GDBusConnection *bus;
  GCancellable *cancellable;
  guint n_asks;
  gboolean polkit_missed;
};

G_DEFINE_FINAL_TYPE (SighejWarden, sighej_warden, G_TYPE_OBJECT)

typedef enum
{
  RULE_READ,
  RULE_PERSONAL,
  RULE_OPERATE,
  RULE_MANAGE,
} Rule;

/* Methods, and properties as they are written: no name is both. */
static const struct
{
  const char *member;
  Rule rule;
} rules[] = {
  { "SearchInterests", RULE_READ },
  { "Check", RULE_READ },
  { "GetCounters", RULE_READ },
  { "GetCalibration", RULE_READ },

  { "Open", RULE_OPERATE },
  { "Close", RULE_OPERATE },
  { "Pause", RULE_OPERATE },
  { "Resume", RULE_OPERATE },
  { "Calibrate", RULE_OPERATE },
  { "SetCalibration", RULE_OPERATE },
  { "ResetCalibration", RULE_OPERATE },

  { "Wipe", RULE_MANAGE },
  { "SetLogLevel", RULE_MANAGE },
  { "Language", RULE_MANAGE },
  { "BackendUri", RULE_MANAGE },
  { "Adapter", RULE_MANAGE },
  { "QuietHours", RULE_MANAGE },

  { "Extend", RULE_PERSONAL },
  { "SetInterests", RULE_PERSONAL },
  { "ListNudges", RULE_PERSONAL },
  { "ListMeets", RULE_PERSONAL },
  { "Inhibit", RULE_PERSONAL },
  { "CreatePairCode", RULE_PERSONAL },
  { "PairByCode", RULE_PERSONAL },
  { "AvoidMeet", RULE_PERSONAL },
  { "ReportMeet", RULE_PERSONAL },
  { "Appeal", RULE_PERSONAL },
  { "Export", RULE_PERSONAL },
  { "NoticeAccepted", RULE_PERSONAL },
  { "PauseOnLock", RULE_PERSONAL },
  { "NotifyNearby", RULE_PERSONAL },
};

static void
sighej_warden_init (SighejWarden *self)
{
}

static void
sighej_warden_dispose (GObject *object)
{
  SighejWarden *self = SIGHEJ_WARDEN (object);

  g_clear_object (&self->bus);
  g_clear_object (&self->cancellable);

  G_OBJECT_CLASS (sighej_warden_parent_class)->dispose (object);
}

static void
sighej_warden_class_init (SighejWardenClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sighej_warden_dispose;
}

static Rule
find_rule (GDBusMethodInvocation *invocation)
{
  const char *member = g_dbus_method_invocation_get_method_name (invocation);

  if (g_dbus_method_invocation_get_property_info (invocation) != NULL)
    member = g_dbus_method_invocation_get_property_info (invocation)->name;
  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    if (g_str_equal (member, rules[i].member))
      return rules[i].rule;

  return RULE_MANAGE;
}

static void
refuse (GDBusMethodInvocation *invocation, SighejError code, const char *text)
{
  sighej_export_return_error (invocation, g_error_new_literal (SIGHEJ_ERROR, (int) code, text));
}

/* ---- polkit, or else who it is ---- */

typedef struct
{
  SighejWarden *warden;
  GDBusMethodInvocation *invocation;
  SighejWardenPass pass;
  gpointer object;
} Ask;

/* Ends @ask (transfer full). */
static void
decide (Ask *ask, gboolean permitted)
{
  ask->warden->n_asks--;
  if (permitted && !g_cancellable_is_cancelled (ask->warden->cancellable))
    ask->pass (ask->object, ask->invocation);
  else
    refuse (ask->invocation,
            SIGHEJ_ERROR_NOT_PERMITTED,
            "you may not do that to this kiosk; do it as its administrator, with sudo");
  g_object_unref (ask->object);
  g_object_unref (ask->warden);
  g_free (ask);
}

static void
on_uid (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  guint32 uid;

  if (reply == NULL)
    {
      decide (user_data, FALSE);
      return;
    }
  g_variant_get (reply, "(u)", &uid);
  decide (user_data, uid == ROOT_UID || uid == geteuid ());
}

static void
ask_who_it_is (Ask *ask)
{
  SighejWarden *self = ask->warden;
  const char *sender = g_dbus_method_invocation_get_sender (ask->invocation);

  g_dbus_connection_call (self->bus,
                          "org.freedesktop.DBus",
                          "/org/freedesktop/DBus",
                          "org.freedesktop.DBus",
                          "GetConnectionUnixUser",
                          g_variant_new ("(s)", sender),
                          G_VARIANT_TYPE ("(u)"),
                          G_DBUS_CALL_FLAGS_NONE,
                          ASK_MS,
                          self->cancellable,
                          on_uid,
                          ask);
}

static void
on_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Ask *ask = user_data;
  SighejWarden *self = ask->warden;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  gboolean permitted;

  if (reply == NULL)
    {
      if (!self->polkit_missed)
        g_message ("polkit does not say who may do what, so only root may: %s", error->message);
      self->polkit_missed = TRUE;
      ask_who_it_is (ask);
      return;
    }
  self->polkit_missed = FALSE;
  g_variant_get (reply, "((bba{ss}))", &permitted, NULL, NULL);
  decide (ask, permitted);
}

static void
ask_polkit (Ask *ask, const char *action)
{
  SighejWarden *self = ask->warden;
  GDBusMessage *message = g_dbus_method_invocation_get_message (ask->invocation);
  GDBusMessageFlags flags = g_dbus_message_get_flags (message);
  gboolean may_interact = (flags & G_DBUS_MESSAGE_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION) != 0;
  GVariantBuilder subject;

  g_variant_builder_init (&subject, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (
      &subject,
      "{sv}",
      "name",
      g_variant_new_string (g_dbus_method_invocation_get_sender (ask->invocation)));
  g_dbus_connection_call (self->bus,
                          POLKIT_NAME,
                          POLKIT_PATH,
                          POLKIT_INTERFACE,
                          "CheckAuthorization",
                          g_variant_new ("((sa{sv})sa{ss}us)",
                                         "system-bus-name",
                                         &subject,
                                         action,
                                         NULL,
                                         may_interact ? POLKIT_ALLOW_INTERACTION : 0u,
                                         ""),
                          G_VARIANT_TYPE ("((bba{ss}))"),
                          G_DBUS_CALL_FLAGS_NONE,
                          ASK_MS,
                          self->cancellable,
                          on_checked,
                          ask);
}

/* ---- public ---- */

SighejWarden *
sighej_warden_new (GDBusConnection *bus, GCancellable *cancellable)
{
  SighejWarden *self = g_object_new (SIGHEJ_TYPE_WARDEN, NULL);

  self->bus = g_object_ref (bus);
  self->cancellable = g_object_ref (cancellable);
  return self;
}

static void
begin_ask (SighejWarden *self,
           GDBusMethodInvocation *invocation,
           const char *action,
           SighejWardenPass pass,
           gpointer object)
{
  Ask *ask;

  if (self->n_asks >= SIGHEJ_WARDEN_ASKS_MAX)
    {
      refuse (invocation,
              SIGHEJ_ERROR_UNAVAILABLE,
              "too many wait to be let through; try again in a minute");
      return;
    }

  self->n_asks++;
  ask = g_new0 (Ask, 1);
  ask->warden = g_object_ref (self);
  ask->invocation = invocation;
  ask->pass = pass;
  ask->object = g_object_ref (object);
  ask_polkit (ask, action);
}

void
sighej_warden_admit (SighejWarden *self,
                     GDBusMethodInvocation *invocation,
                     SighejWardenPass pass,
                     gpointer object)
{
  switch (find_rule (invocation))
    {
    case RULE_READ:
      pass (object, invocation);
      break;
    case RULE_PERSONAL:
      refuse (invocation,
              SIGHEJ_ERROR_NOT_SUPPORTED,
              "this is a kiosk, which has no person to do that for; ask the SigHej of your own "
              "machine, without --system");
      break;
    case RULE_OPERATE:
      begin_ask (self, invocation, SIGHEJ_ACTION_OPERATE, pass, object);
      break;
    case RULE_MANAGE:
    default:
      begin_ask (self, invocation, SIGHEJ_ACTION_MANAGE, pass, object);
      break;
    }
}
