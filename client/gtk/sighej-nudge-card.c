/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-nudge-card.h"

#include <glib/gi18n.h>

#include "sighej-band-bar.h"
#include "sighej-countdown.h"
#include "sighej-enum-types.h"
#include "sighej-labels.h"
#include "sighej-names.h"
#include "sighej-words.h"

struct _SighejNudgeCard
{
  AdwBin parent_instance;

  guint nudge;

  GtkLabel *sentence;
  GtkMenuButton *menu;
  SighejBandBar *band;
  SighejCountdown *left;
  GtkLabel *waved;
  GtkButton *not_now;
  GtkLabel *not_now_label;
  GtkButton *wave;
};

G_DEFINE_FINAL_TYPE (SighejNudgeCard, sighej_nudge_card, ADW_TYPE_BIN)

static void
sighej_nudge_card_class_init (SighejNudgeCardClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  g_type_ensure (SIGHEJ_TYPE_BAND_BAR);
  g_type_ensure (SIGHEJ_TYPE_COUNTDOWN);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               SIGHEJ_CLIENT_PATH "/sighej-nudge-card.ui");
  gtk_widget_class_bind_template_child (widget_class, SighejNudgeCard, sentence);
  gtk_widget_class_bind_template_child (widget_class, SighejNudgeCard, menu);
  gtk_widget_class_bind_template_child (widget_class, SighejNudgeCard, band);
  gtk_widget_class_bind_template_child (widget_class, SighejNudgeCard, left);
  gtk_widget_class_bind_template_child (widget_class, SighejNudgeCard, waved);
  gtk_widget_class_bind_template_child (widget_class, SighejNudgeCard, not_now);
  gtk_widget_class_bind_template_child (widget_class, SighejNudgeCard, not_now_label);
  gtk_widget_class_bind_template_child (widget_class, SighejNudgeCard, wave);
}

static void
sighej_nudge_card_init (SighejNudgeCard *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
add_item (GMenu *menu, const char *label, const char *action, guint nudge)
{
  g_autoptr (GMenuItem) item = g_menu_item_new (label, NULL);

  g_menu_item_set_action_and_target (item, action, "u", nudge);
  g_menu_append_item (menu, item);
}

static GMenuModel *
make_menu (guint nudge)
{
  GMenu *menu = g_menu_new ();

  add_item (menu, _ ("Block"), "app.block-nudge", nudge);
  add_item (menu, _ ("Report"), "app.report-nudge", nudge);
  g_menu_append (menu, _ ("Close now"), "app.close-session");
  return G_MENU_MODEL (menu);
}

GtkWidget *
sighej_nudge_card_new (guint nudge)
{
  SighejNudgeCard *self = g_object_new (SIGHEJ_TYPE_NUDGE_CARD, NULL);
  g_autoptr (GMenuModel) menu = make_menu (nudge);

  self->nudge = nudge;
  gtk_menu_button_set_menu_model (self->menu, menu);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->wave), "app.wave");
  gtk_actionable_set_action_target (GTK_ACTIONABLE (self->wave), "u", nudge);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->not_now), "app.not-now");
  gtk_actionable_set_action_target (GTK_ACTIONABLE (self->not_now), "u", nudge);
  return GTK_WIDGET (self);
}

guint
sighej_nudge_card_get_nudge (SighejNudgeCard *self)
{
  g_return_val_if_fail (SIGHEJ_IS_NUDGE_CARD (self), 0);

  return self->nudge;
}

static void
show_sentence (SighejNudgeCard *self, SighejDBusNudge1 *nudge)
{
  g_auto (GStrv) labels
      = sighej_dup_interest_labels (sighej_dbus_nudge1_get_shared_interests (nudge));
  g_autofree char *sentence = sighej_words_dup_nudge ((const char *const *) labels);

  if (g_str_equal (gtk_label_get_text (self->sentence), sentence))
    return;
  gtk_label_set_text (self->sentence, sentence);
  gtk_accessible_update_property (
      GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, sentence, -1);
}

static gboolean
is_waved (SighejDBusNudge1 *nudge)
{
  const char *waved = sighej_enum_to_nick (SIGHEJ_TYPE_NUDGE_STATE, SIGHEJ_NUDGE_STATE_WAVED);

  return g_strcmp0 (sighej_dbus_nudge1_get_state (nudge), waved) == 0;
}

void
sighej_nudge_card_show (SighejNudgeCard *self, SighejDBusNudge1 *nudge)
{
  gboolean waved = is_waved (nudge);

  g_return_if_fail (SIGHEJ_IS_NUDGE_CARD (self));

  show_sentence (self, nudge);
  sighej_band_bar_set_word (self->band, sighej_dbus_nudge1_get_band (nudge));
  sighej_countdown_set_end (self->left, sighej_dbus_nudge1_get_expires (nudge));
  /* The button that had the focus goes with the wave: it moves on to the one that stays. */
  if (waved && gtk_widget_has_focus (GTK_WIDGET (self->wave)))
    gtk_widget_grab_focus (GTK_WIDGET (self->not_now));
  gtk_widget_set_visible (GTK_WIDGET (self->waved), waved);
  gtk_widget_set_visible (GTK_WIDGET (self->wave), !waved);
  gtk_label_set_text (self->not_now_label, waved ? _ ("Take the wave back") : _ ("Not now"));
}
