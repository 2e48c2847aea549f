/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-enums.h"

#include "sighej-enum-types.h"

const char *
sighej_enum_to_nick (GType type, int value)
{
  g_autoptr (GTypeClass) enum_class = g_type_class_ref (type);
  const GEnumValue *found = g_enum_get_value ((GEnumClass *) enum_class, value);

  g_return_val_if_fail (found != NULL, "");

  /* The class of a static type is never unloaded, so its strings outlive the reference. */
  return found->value_nick;
}

gboolean
sighej_enum_from_nick (GType type, const char *nick, int *value)
{
  g_autoptr (GTypeClass) enum_class = g_type_class_ref (type);
  const GEnumValue *found = g_enum_get_value_by_nick ((GEnumClass *) enum_class, nick);

  if (found == NULL)
    return FALSE;

  *value = found->value;
  return TRUE;
}

const char *
sighej_reason_to_word (SighejReason reason)
{
  if (reason == SIGHEJ_REASON_NONE)
    return "";

  return sighej_enum_to_nick (SIGHEJ_TYPE_REASON, (int) reason);
}

const char *
sighej_meet_problem_to_word (SighejMeetProblem problem)
{
  if (problem == SIGHEJ_MEET_PROBLEM_NONE)
    return "";

  return sighej_enum_to_nick (SIGHEJ_TYPE_MEET_PROBLEM, (int) problem);
}

SighejBluetooth
sighej_reason_to_bluetooth (SighejReason reason)
{
  switch (reason)
    {
    case SIGHEJ_REASON_BLUETOOTH_OFF:
      return SIGHEJ_BLUETOOTH_OFF;
    case SIGHEJ_REASON_BLUETOOTH_MISSING:
    case SIGHEJ_REASON_BLUETOOTH_LOST:
      return SIGHEJ_BLUETOOTH_MISSING;
    case SIGHEJ_REASON_BLUETOOTH_BLOCKED_SOFT:
      return SIGHEJ_BLUETOOTH_BLOCKED_SOFT;
    case SIGHEJ_REASON_BLUETOOTH_BLOCKED_HARD:
      return SIGHEJ_BLUETOOTH_BLOCKED_HARD;
    case SIGHEJ_REASON_BLUETOOTH_UNSUPPORTED:
      return SIGHEJ_BLUETOOTH_UNSUPPORTED;
    case SIGHEJ_REASON_BLUETOOTH_DENIED:
      return SIGHEJ_BLUETOOTH_DENIED;
    case SIGHEJ_REASON_NONE:
    case SIGHEJ_REASON_USER:
    case SIGHEJ_REASON_EXPIRED:
    case SIGHEJ_REASON_LOCKED:
    case SIGHEJ_REASON_SUSPENDED:
    case SIGHEJ_REASON_INHIBITED:
    case SIGHEJ_REASON_QUIET_HOURS:
    case SIGHEJ_REASON_RADIO_STALLED:
    case SIGHEJ_REASON_SCAN_CONFLICT:
    case SIGHEJ_REASON_PRIVACY_BLOCKED:
    case SIGHEJ_REASON_BACKEND_UNSET:
    case SIGHEJ_REASON_BACKEND_OFFLINE:
    case SIGHEJ_REASON_BACKEND_REFUSED:
    case SIGHEJ_REASON_RATE_LIMITED:
    case SIGHEJ_REASON_POLICY:
    default:
      return SIGHEJ_BLUETOOTH_READY;
    }
}
