/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-error-toast.h"

#include "sighej-toast.h"

static void
on_error (AdwToastOverlay *overlay, const char *sentence, const char *next_step)
{
  adw_toast_overlay_add_toast (overlay, sighej_toast_new_for_error (sentence, next_step));
}

void
sighej_error_toast_follow (AdwToastOverlay *overlay, SighejModel *model)
{
  g_return_if_fail (ADW_IS_TOAST_OVERLAY (overlay));
  g_return_if_fail (SIGHEJ_IS_MODEL (model));

  g_signal_connect_object (model, "error", G_CALLBACK (on_error), overlay, G_CONNECT_SWAPPED);
}
