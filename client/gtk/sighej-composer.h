/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Characters of one text; near that the rest is counted out. */
#define SIGHEJ_COMPOSER_CHARS_MAX 1000
#define SIGHEJ_COMPOSER_COUNTED_FROM 900

/**
 * SighejComposer:
 *
 * Where a message is written: Enter sends, Shift+Enter begins a new line, Tab goes on. What was
 * written stays until it is said that it was sent, so nothing is lost by an error.
 *
 *   writing --"send"--> sending (nothing can be changed) --succeeded--> empty
 *      ^                   '--failed: the error stands above the text--.
 *      '---------------------------------------------------------------'
 *
 * Signals:
 *  "send" (char *text): the person wants this sent; 1 to %SIGHEJ_COMPOSER_CHARS_MAX characters, no
 *    control characters but line feeds. Answer with sighej_composer_sent()
 *  "typing" (gboolean): whether the person is writing; TRUE again as long as that goes on
 */
#define SIGHEJ_TYPE_COMPOSER (sighej_composer_get_type ())
G_DECLARE_FINAL_TYPE (SighejComposer, sighej_composer, SIGHEJ, COMPOSER, AdwBin)

/* @problem: (nullable): a sentence why it was not sent; NULL: it was */
void sighej_composer_sent (SighejComposer *self, const char *problem);

/* Forgets what was written. */
void sighej_composer_clear (SighejComposer *self);

/* What is left of a text of @n_chars, "12 characters left". (transfer full) */
char *sighej_composer_dup_counter (glong n_chars);

G_END_DECLS
