/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-dbus.h"

G_BEGIN_DECLS

/**
 * SighejInterestSearch:
 *
 * Searches the daemon's vocabulary while somebody types:
 *
 *   IDLE ──(a query)──> RESTING ──(150 ms without another)──> ASKING ──(answer)──> IDLE
 *                       └──(another)──> RESTING         ASKING ──(another)──> ASKING, and then
 * again
 *
 * One question is on its way at most; an answer to what is no longer asked is dropped.
 *
 * Signals:
 *  "found" (char *query, GVariant *found): identifier, label, category of each hit, a(sss); NULL
 *    when the daemon could not be asked
 */
#define SIGHEJ_TYPE_INTEREST_SEARCH (sighej_interest_search_get_type ())
G_DECLARE_FINAL_TYPE (
    SighejInterestSearch, sighej_interest_search, SIGHEJ, INTEREST_SEARCH, GObject)

SighejInterestSearch *sighej_interest_search_new (void);

/**
 * sighej_interest_search_set_query:
 * @manager: (nullable): whom to ask; NULL: nobody is there, and "found" says so
 * @query: at most SIGHEJ_INTEREST_CHARS_MAX characters; "": nothing is searched any more
 */
void sighej_interest_search_set_query (SighejInterestSearch *self,
                                       SighejDBusManager1 *manager,
                                       const char *query);

G_END_DECLS
