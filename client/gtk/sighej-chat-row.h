/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

#include "sighej-talk-log.h"

G_BEGIN_DECLS

/**
 * SighejChatRow:
 *
 * One message: who, when, what, and of one's own how far it came, as an icon and a word. The text
 * can be selected and is never read as markup.
 */
#define SIGHEJ_TYPE_CHAT_ROW (sighej_chat_row_get_type ())
G_DECLARE_FINAL_TYPE (SighejChatRow, sighej_chat_row, SIGHEJ, CHAT_ROW, GtkListBoxRow)

/* @peer: (nullable): what the other side is called */
GtkWidget *sighej_chat_row_new (SighejTalkMessage *message, const char *peer);

G_END_DECLS
