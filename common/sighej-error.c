/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-error"

#include "config.h"

#include "sighej-error.h"

#include <glib/gi18n.h>

#define NAME(last) SIGHEJ_ERROR_DBUS_PREFIX last

/* The one table: D-Bus name, exit code of sighejctl, HTTP status, problem type, title. */
static const SighejErrorInfo infos[] = {
  [SIGHEJ_ERROR_FAILED] = { NAME ("Failed"), 1, 500, "internal", "Something went wrong here" },
  [SIGHEJ_ERROR_BLUETOOTH_MISSING]
  = { NAME ("BluetoothMissing"), 6, 500, "bluetooth-missing", "No Bluetooth adapter" },
  [SIGHEJ_ERROR_BLUETOOTH_OFF]
  = { NAME ("BluetoothOff"), 6, 500, "bluetooth-off", "Bluetooth is off" },
  [SIGHEJ_ERROR_BLUETOOTH_BLOCKED]
  = { NAME ("BluetoothBlocked"), 6, 500, "bluetooth-blocked", "Bluetooth is blocked" },
  [SIGHEJ_ERROR_BLUETOOTH_UNSUPPORTED] = { NAME ("BluetoothUnsupported"),
                                           6,
                                           500,
                                           "bluetooth-unsupported",
                                           "This Bluetooth adapter cannot do it" },
  [SIGHEJ_ERROR_BLUETOOTH_DENIED] = { NAME ("BluetoothDenied"),
                                      6,
                                      500,
                                      "bluetooth-denied",
                                      "The system denies the use of Bluetooth" },
  [SIGHEJ_ERROR_NOT_PERMITTED]
  = { NAME ("NotPermitted"), 7, 403, "not-permitted", "Not permitted" },
  [SIGHEJ_ERROR_INHIBITED]
  = { NAME ("Inhibited"), 7, 500, "inhibited", "Another program asks for silence" },
  [SIGHEJ_ERROR_OFFLINE] = { NAME ("Offline"), 8, 500, "offline", "The backend is not reachable" },
  [SIGHEJ_ERROR_REFUSED] = { NAME ("Refused"), 8, 403, "refused", "The backend refused" },
  [SIGHEJ_ERROR_RATE_LIMITED]
  = { NAME ("RateLimited"), 9, 429, "rate-limited", "Too many requests" },
  [SIGHEJ_ERROR_NOT_FOUND] = { NAME ("NotFound"), 10, 404, "not-found", "No such thing" },
  [SIGHEJ_ERROR_EXPIRED] = { NAME ("Expired"), 10, 410, "expired", "Too late" },
  [SIGHEJ_ERROR_GONE] = { NAME ("Gone"), 10, 410, "gone", "It is gone" },
  [SIGHEJ_ERROR_NOT_OPEN] = { NAME ("NotOpen"), 1, 500, "not-open", "Not open" },
  [SIGHEJ_ERROR_INVALID_INTEREST]
  = { NAME ("InvalidInterest"), 1, 400, "invalid-interest", "An interest is not acceptable" },
  [SIGHEJ_ERROR_INVALID_DURATION]
  = { NAME ("InvalidDuration"), 1, 400, "invalid-duration", "The duration is not acceptable" },
  [SIGHEJ_ERROR_TEXT_REJECTED]
  = { NAME ("TextRejected"), 1, 500, "text-rejected", "The text is not acceptable" },
  [SIGHEJ_ERROR_NOT_SUPPORTED]
  = { NAME ("NotSupported"), 1, 501, "not-supported", "Not supported" },
  [SIGHEJ_ERROR_INVALID_REQUEST]
  = { NAME ("Failed"), 1, 400, "invalid-request", "The request is not as the contract says" },
  [SIGHEJ_ERROR_UNAUTHORIZED]
  = { NAME ("Failed"), 1, 401, "unauthorized", "The session secret is missing or wrong" },
  [SIGHEJ_ERROR_FORBIDDEN] = { NAME ("Failed"), 1, 403, "forbidden", "Not allowed from there" },
  [SIGHEJ_ERROR_METHOD_NOT_ALLOWED]
  = { NAME ("Failed"), 1, 405, "method-not-allowed", "This path does not take this method" },
  [SIGHEJ_ERROR_CONFLICT] = { NAME ("Failed"), 1, 409, "conflict", "The token is taken" },
  [SIGHEJ_ERROR_LENGTH_REQUIRED]
  = { NAME ("Failed"), 1, 411, "length-required", "A Content-Length is needed" },
  [SIGHEJ_ERROR_TOO_LARGE] = { NAME ("Failed"), 1, 413, "too-large", "The request is too large" },
  [SIGHEJ_ERROR_UNSUPPORTED_MEDIA]
  = { NAME ("Failed"), 1, 415, "unsupported-media-type", "The body must be application/json" },
  [SIGHEJ_ERROR_KEY_REUSED] = { NAME ("Failed"),
                                1,
                                422,
                                "idempotency-key-reused",
                                "The Idempotency-Key stands for another request" },
  [SIGHEJ_ERROR_UNAVAILABLE]
  = { NAME ("Failed"), 1, 503, "unavailable", "Busy or not ready, try again" },
  [SIGHEJ_ERROR_CONFIG]
  = { NAME ("Failed"), 78, 500, "configuration", "The configuration is not acceptable" },
};

G_STATIC_ASSERT (G_N_ELEMENTS (infos) == SIGHEJ_N_ERRORS);

/* The codes up to here have a D-Bus name of their own; the rest travel as Failed. */
#define LAST_WITH_OWN_NAME SIGHEJ_ERROR_NOT_SUPPORTED

GQuark
sighej_error_quark (void)
{
  static gsize quark;

  if (g_once_init_enter (&quark))
    {
      GQuark domain = g_quark_from_static_string ("sighej-error-quark");

      for (int code = 0; code <= LAST_WITH_OWN_NAME; code++)
        g_dbus_error_register_error (domain, code, infos[code].dbus_name);
      g_once_init_leave (&quark, domain);
    }
  return (GQuark) quark;
}

const SighejErrorInfo *
sighej_error_get_info (SighejError code)
{
  g_return_val_if_fail ((guint) code < SIGHEJ_N_ERRORS, &infos[SIGHEJ_ERROR_FAILED]);

  return &infos[code];
}

SighejError
sighej_error_from_dbus_name (const char *name)
{
  for (int code = 0; code <= LAST_WITH_OWN_NAME; code++)
    if (g_strcmp0 (name, infos[code].dbus_name) == 0)
      return (SighejError) code;
  return SIGHEJ_ERROR_FAILED;
}

SighejError
sighej_error_from_http_status (unsigned status)
{
  switch (status)
    {
    case 400:
      return SIGHEJ_ERROR_INVALID_REQUEST;
    case 401:
      return SIGHEJ_ERROR_UNAUTHORIZED;
    case 403:
      return SIGHEJ_ERROR_FORBIDDEN;
    case 404:
      return SIGHEJ_ERROR_NOT_FOUND;
    case 405:
      return SIGHEJ_ERROR_METHOD_NOT_ALLOWED;
    case 409:
      return SIGHEJ_ERROR_CONFLICT;
    case 410:
      return SIGHEJ_ERROR_GONE;
    case 411:
      return SIGHEJ_ERROR_LENGTH_REQUIRED;
    case 413:
      return SIGHEJ_ERROR_TOO_LARGE;
    case 415:
      return SIGHEJ_ERROR_UNSUPPORTED_MEDIA;
    case 429:
      return SIGHEJ_ERROR_RATE_LIMITED;
    case 501:
      return SIGHEJ_ERROR_NOT_SUPPORTED;
    default:
      break;
    }

  if (status >= 400 && status < 500)
    return SIGHEJ_ERROR_REFUSED;
  if (status >= 500 && status < 600)
    return SIGHEJ_ERROR_UNAVAILABLE;
  return SIGHEJ_ERROR_FAILED;
}

typedef struct
{
  SighejError code;
  const char *message;
} Explanation;

/* What stands in the way and, where one is known, the next step. */
static const Explanation explanations[] = {
  [SIGHEJ_REASON_NONE] = { SIGHEJ_ERROR_FAILED, N_ ("nothing is known to stand in the way") },
  [SIGHEJ_REASON_USER] = { SIGHEJ_ERROR_NOT_OPEN, N_ ("you closed or paused it") },
  [SIGHEJ_REASON_EXPIRED] = { SIGHEJ_ERROR_NOT_OPEN, N_ ("the time it was opened for is over") },
  [SIGHEJ_REASON_LOCKED]
  = { SIGHEJ_ERROR_NOT_PERMITTED, N_ ("the screen is locked; unlock it to go on") },
  [SIGHEJ_REASON_SUSPENDED] = { SIGHEJ_ERROR_NOT_OPEN, N_ ("the machine is going to sleep") },
  [SIGHEJ_REASON_INHIBITED]
  = { SIGHEJ_ERROR_INHIBITED,
      N_ ("another program asks for silence; end what it shows, such as a presentation") },
  [SIGHEJ_REASON_QUIET_HOURS] = { SIGHEJ_ERROR_NOT_PERMITTED, N_ ("these are your quiet hours") },
  [SIGHEJ_REASON_BLUETOOTH_OFF]
  = { SIGHEJ_ERROR_BLUETOOTH_OFF, N_ ("Bluetooth is off; turn it on in your Bluetooth settings") },
  [SIGHEJ_REASON_BLUETOOTH_MISSING] = { SIGHEJ_ERROR_BLUETOOTH_MISSING,
                                        N_ ("there is no Bluetooth adapter, or bluetoothd does not "
                                            "run") },
  [SIGHEJ_REASON_BLUETOOTH_LOST]
  = { SIGHEJ_ERROR_BLUETOOTH_MISSING,
      N_ ("the Bluetooth service ended and may have left a token on the "
          "air until it runs again; if the system does not start it, "
          "run 'systemctl start bluetooth'") },
  [SIGHEJ_REASON_BLUETOOTH_BLOCKED_SOFT] = { SIGHEJ_ERROR_BLUETOOTH_BLOCKED,
                                             N_ ("Bluetooth is blocked by software; run 'rfkill "
                                                 "unblock bluetooth' or leave flight mode") },
  [SIGHEJ_REASON_BLUETOOTH_BLOCKED_HARD] = { SIGHEJ_ERROR_BLUETOOTH_BLOCKED,
                                             N_ ("Bluetooth is blocked by a switch or key on this "
                                                 "machine") },
  [SIGHEJ_REASON_BLUETOOTH_UNSUPPORTED]
  = { SIGHEJ_ERROR_BLUETOOTH_UNSUPPORTED,
      N_ ("this Bluetooth adapter has no Low Energy, or nothing "
          "else; choose another with 'sighejctl adapter'") },
  [SIGHEJ_REASON_BLUETOOTH_DENIED] = { SIGHEJ_ERROR_BLUETOOTH_DENIED,
                                       N_ ("the system bus does not let this user talk to "
                                           "bluetoothd") },
  [SIGHEJ_REASON_RADIO_STALLED] = { SIGHEJ_ERROR_BLUETOOTH_BLOCKED,
                                    N_ ("the Bluetooth adapter hears nothing any more; turn it off "
                                        "and on") },
  [SIGHEJ_REASON_SCAN_CONFLICT]
  = { SIGHEJ_ERROR_BLUETOOTH_BLOCKED,
      N_ ("another program scans with Bluetooth and this adapter cannot "
          "advertise meanwhile; close its Bluetooth window") },
  [SIGHEJ_REASON_PRIVACY_BLOCKED] = { SIGHEJ_ERROR_BLUETOOTH_BLOCKED,
                                      N_ ("the adapter is discoverable or connectable, which would "
                                          "show its fixed address; close the Bluetooth settings") },
  [SIGHEJ_REASON_BACKEND_UNSET]
  = { SIGHEJ_ERROR_OFFLINE, N_ ("no backend is chosen; run 'sighejctl backend set URI'") },
  [SIGHEJ_REASON_BACKEND_OFFLINE] = { SIGHEJ_ERROR_OFFLINE, N_ ("the backend is not reachable") },
  [SIGHEJ_REASON_BACKEND_REFUSED]
  = { SIGHEJ_ERROR_REFUSED, N_ ("the backend refused the session") },
  [SIGHEJ_REASON_RATE_LIMITED]
  = { SIGHEJ_ERROR_RATE_LIMITED, N_ ("the backend asks to slow down; it is tried again later") },
  [SIGHEJ_REASON_POLICY]
  = { SIGHEJ_ERROR_NOT_PERMITTED, N_ ("the administrator's settings do not allow it") },
};

G_STATIC_ASSERT (G_N_ELEMENTS (explanations) == SIGHEJ_REASON_POLICY + 1);

GError *
sighej_error_new_for_reason (SighejReason reason)
{
  const Explanation *explanation;

  g_return_val_if_fail ((guint) reason < G_N_ELEMENTS (explanations), NULL);

  explanation = &explanations[reason];
  return g_error_new_literal (SIGHEJ_ERROR, (int) explanation->code, explanation->message);
}

#define RETRY_BEGIN ", try again in "
#define RETRY_END " seconds"

GError *
sighej_error_new_rate_limited (const char *what, unsigned retry_after_s)
{
  return g_error_new (SIGHEJ_ERROR,
                      SIGHEJ_ERROR_RATE_LIMITED,
                      "%s" RETRY_BEGIN "%u" RETRY_END,
                      what,
                      retry_after_s);
}

unsigned
sighej_error_get_retry_after_s (const GError *error)
{
  const char *begin = g_strrstr (error->message, RETRY_BEGIN);
  const char *end;
  guint64 seconds;

  if (!g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_RATE_LIMITED) || begin == NULL)
    return 0;
  seconds = g_ascii_strtoull (begin + strlen (RETRY_BEGIN), (char **) &end, 10);
  return g_str_equal (end, RETRY_END) ? (unsigned) CLAMP (seconds, 1, G_MAXINT) : 0;
}
