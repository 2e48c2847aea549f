/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-bluez"

#include "config.h"

#include "sighej-bluez-doctor.h"

#define ADAPTER_ID "bluetooth.adapter"
#define PRIVACY_ID "bluetooth.privacy"
#define SCAN_ID "bluetooth.scan"

/* What goes wrong with a radio, and what a person can do about it. */
static const struct
{
  SighejReason trouble;
  const char *text;
  const char *next;
} troubles[] = {
  { SIGHEJ_REASON_BLUETOOTH_MISSING,
    "there is no Bluetooth adapter, or its service does not run",
    "plug one in, or start the service: systemctl start bluetooth" },
  { SIGHEJ_REASON_BLUETOOTH_LOST,
    "the Bluetooth service ended and may have left a token on the air; the system was asked to "
    "start it again",
    "if it does not come back: systemctl start bluetooth" },
  { SIGHEJ_REASON_BLUETOOTH_OFF,
    "Bluetooth is switched off",
    "switch it on: bluetoothctl power on" },
  { SIGHEJ_REASON_BLUETOOTH_BLOCKED_SOFT,
    "Bluetooth is blocked by a software switch",
    "unblock it: rfkill unblock bluetooth" },
  { SIGHEJ_REASON_BLUETOOTH_BLOCKED_HARD,
    "Bluetooth is blocked by a hardware switch",
    "turn the switch or press the key on the machine" },
  { SIGHEJ_REASON_BLUETOOTH_UNSUPPORTED,
    "this adapter cannot send our 31 bytes: it has no Bluetooth LE, or runs with LE alone, where "
    "the "
    "kernel adds three bytes of its own",
    "choose another: sighejctl adapter; or, if this one has both, set ControllerMode = dual in "
    "/etc/bluetooth/main.conf" },
  { SIGHEJ_REASON_BLUETOOTH_DENIED,
    "the system does not let us use Bluetooth",
    "add this user to the group bluetooth" },
  { SIGHEJ_REASON_RADIO_STALLED,
    "the adapter does not do what it is told, or hears nothing at all",
    "switch Bluetooth off and on: bluetoothctl power off; bluetoothctl power on" },
  { SIGHEJ_REASON_SCAN_CONFLICT,
    "another program scans, or a Bluetooth service that crashed did, and this adapter cannot "
    "change "
    "its address meanwhile",
    "close the Bluetooth settings or stop the other scan; after a crash it ends within 10 s" },
  { SIGHEJ_REASON_PRIVACY_BLOCKED,
    "the adapter can be discovered or connected to, so its fixed address would be on the air",
    "close the Bluetooth settings, or: bluetoothctl discoverable off" },
};

static const struct
{
  const char *level;
  const char *text;
  const char *next;
} privacies[] = {
  [SIGHEJ_PRIVACY_UNKNOWN] = { "warning",
                               "whether this adapter hides its address cannot be seen fully",
                               "let the service open Bluetooth sockets (AF_BLUETOOTH)" },
  [SIGHEJ_PRIVACY_PRIVATE] = { "ok", "the address changes with the token, always", "" },
  [SIGHEJ_PRIVACY_GUARDED] = { "ok", "the address changes with the token", "" },
  [SIGHEJ_PRIVACY_LINKABLE]
  = { "warning",
      "this adapter keeps its address for up to 15 minutes, so two tokens can be joined",
      "set Privacy = off in /etc/bluetooth/main.conf on adapters without extended advertising" },
  [SIGHEJ_PRIVACY_BLOCKED] = { "error",
                               "the fixed address would be on the air, so nothing is sent",
                               "close the Bluetooth settings, or: bluetoothctl discoverable off" },
};

void
sighej_bluez_doctor_check_trouble (GPtrArray *results, SighejReason trouble, gboolean crowded_out)
{
  if (trouble == SIGHEJ_REASON_RADIO_STALLED && crowded_out)
    {
      sighej_check_results_add (results,
                                ADAPTER_ID,
                                "error",
                                "other programs use all the advertisements this adapter can send",
                                "close one that advertises over Bluetooth, or choose another "
                                "adapter: sighejctl adapter");
      return;
    }

  for (gsize i = 0; i < G_N_ELEMENTS (troubles); i++)
    {
      if (troubles[i].trouble == trouble)
        {
          sighej_check_results_add (
              results, ADAPTER_ID, "error", troubles[i].text, troubles[i].next);
          return;
        }
    }

  sighej_check_results_add (results, ADAPTER_ID, "ok", "the Bluetooth adapter is ready", "");
}

void
sighej_bluez_doctor_check_privacy (GPtrArray *results,
                                   SighejPrivacy privacy,
                                   gboolean extended,
                                   gboolean sees_settings)
{
  const char *next = privacies[privacy].next;

  /* Only that closes the moment between another program's change and our withdrawal (BLE 4). */
  if (privacy == SIGHEJ_PRIVACY_GUARDED && extended && sees_settings)
    next = "for a person's own machine, consider Privacy = device in /etc/bluetooth/main.conf";
  sighej_check_results_add (
      results, PRIVACY_ID, privacies[privacy].level, privacies[privacy].text, next);
}

void
sighej_bluez_doctor_check_scan (GPtrArray *results, gboolean can_monitor, gboolean silent)
{
  if (silent)
    sighej_check_results_add (
        results,
        SCAN_ID,
        "warning",
        "nothing at all was heard for 3 minutes, of no Bluetooth device: none "
        "is near, or the adapter is stuck",
        "if there should be some, switch Bluetooth off and on: bluetoothctl "
        "power off; bluetoothctl power on");
  else if (can_monitor)
    sighej_check_results_add (results, SCAN_ID, "ok", "every packet is heard", "");
  else
    sighej_check_results_add (results,
                              SCAN_ID,
                              "ok",
                              "each neighbour is heard every few seconds",
                              "to hear more, start bluetoothd with --experimental");
}
