/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * SighejApplication:
 *
 * The desktop client: one process for a log-in, one window. It is activated by the person, or as
 * a service by the daemon when an opening begins; then it has no window and stays for the
 * notifications. It holds itself alive as long as the session is not off.
 *
 * Actions ("app."): open, close-session, pause, resume, toggle-pause, interests, preferences,
 * help, shortcuts, about, pair, quit; wave(u), not-now(u), block-nudge(u), report-nudge(u),
 * show-nudge(u). Buttons, menus, shortcuts and notifications all use these.
 */
#define SIGHEJ_TYPE_APPLICATION (sighej_application_get_type ())
G_DECLARE_FINAL_TYPE (SighejApplication, sighej_application, SIGHEJ, APPLICATION, AdwApplication)

SighejApplication *sighej_application_new (void);

G_END_DECLS
