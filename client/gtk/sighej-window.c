/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-window.h"

#include <glib/gi18n.h>

#include "sighej-error-toast.h"
#include "sighej-names.h"
#include "sighej-notice-bar.h"
#include "sighej-page-after.h"
#include "sighej-page-meet.h"
#include "sighej-page-off.h"
#include "sighej-page-open.h"
#include "sighej-page-trouble.h"
#include "sighej-page-welcome.h"
#include "sighej-stack.h"
#include "sighej-toast.h"

struct _SighejWindow
{
  AdwApplicationWindow parent_instance;

  SighejModel *model;
  SighejNoticeBar *notice;
  AdwToastOverlay *toasts;
  GtkStack *stack;
};

G_DEFINE_FINAL_TYPE (SighejWindow, sighej_window, ADW_TYPE_APPLICATION_WINDOW)

typedef struct
{
  const char *name;
  GtkWidget *(*create) (SighejModel *model);
} Page;

static const Page page_after = { "after", sighej_page_after_new };
static const Page page_meet = { "meet", sighej_page_meet_new };
static const Page page_off = { "off", sighej_page_off_new };
static const Page page_open = { "open", sighej_page_open_new };
static const Page page_trouble = { "trouble", sighej_page_trouble_new };
static const Page page_welcome = { "welcome", sighej_page_welcome_new };

/* Which page a screen is on. */
static const Page *const pages[] = {
  [SIGHEJ_SCREEN_NO_BUS] = &page_trouble,
  [SIGHEJ_SCREEN_NO_DAEMON] = &page_trouble,
  [SIGHEJ_SCREEN_WELCOME] = &page_welcome,
  [SIGHEJ_SCREEN_OFF] = &page_off,
  [SIGHEJ_SCREEN_OPENING] = &page_open,
  [SIGHEJ_SCREEN_OPEN_ALONE] = &page_open,
  [SIGHEJ_SCREEN_OPEN_NEAR] = &page_open,
  [SIGHEJ_SCREEN_NUDGE] = &page_open,
  [SIGHEJ_SCREEN_WAVED] = &page_open,
  [SIGHEJ_SCREEN_PAUSED] = &page_open,
  [SIGHEJ_SCREEN_BLUETOOTH_OFF] = &page_trouble,
  [SIGHEJ_SCREEN_BLUETOOTH_MISSING] = &page_trouble,
  [SIGHEJ_SCREEN_BLUETOOTH_BLOCKED_SOFT] = &page_trouble,
  [SIGHEJ_SCREEN_BLUETOOTH_BLOCKED_HARD] = &page_trouble,
  [SIGHEJ_SCREEN_BLUETOOTH_DENIED] = &page_trouble,
  [SIGHEJ_SCREEN_BLUETOOTH_LOST] = &page_trouble,
  [SIGHEJ_SCREEN_WAITING] = &page_open,
  [SIGHEJ_SCREEN_CLOSING] = &page_open,
  [SIGHEJ_SCREEN_MEET] = &page_meet,
  [SIGHEJ_SCREEN_AFTER] = &page_after,
  [SIGHEJ_SCREEN_EXPIRED] = &page_off,
};

/* Whoever uses the keyboard goes on in the new page; an open menu is left alone. */
static void
take_focus (SighejWindow *self, GtkWidget *page)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));

  if (focus != NULL
      && (gtk_widget_is_ancestor (focus, page)
          || gtk_widget_get_ancestor (focus, GTK_TYPE_POPOVER) != NULL))
    return;
  gtk_widget_child_focus (page, GTK_DIR_TAB_FORWARD);
}

static void
show_page (SighejWindow *self, const char *name)
{
  GtkWidget *shown = gtk_stack_get_child_by_name (self->stack, name);

  gtk_stack_set_visible_child (self->stack, shown);
  take_focus (self, shown);
}

static void
show_screen (SighejWindow *self)
{
  SighejScreen screen = sighej_model_get_screen (self->model);
  const Page *page = screen < G_N_ELEMENTS (pages) ? pages[screen] : NULL;
  GtkWidget *shown = gtk_stack_get_visible_child (self->stack);

  if (page == NULL)
    {
      show_page (self, "starting");
      return;
    }
  /* With the last thing that was missing the first run is not over: Start ends it. */
  if (screen == SIGHEJ_SCREEN_OFF && SIGHEJ_IS_PAGE_WELCOME (shown)
      && !sighej_page_welcome_is_done (SIGHEJ_PAGE_WELCOME (shown)))
    return;
  if (gtk_stack_get_child_by_name (self->stack, page->name) == NULL)
    gtk_stack_add_named (self->stack, page->create (self->model), page->name);
  show_page (self, page->name);
}

static void
show_toast (GtkWidget *widget, const char *action, GVariant *parameter)
{
  sighej_window_toast (SIGHEJ_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

static void
sighej_window_dispose (GObject *object)
{
  SighejWindow *self = SIGHEJ_WINDOW (object);

  g_clear_object (&self->model);
  G_OBJECT_CLASS (sighej_window_parent_class)->dispose (object);
}

static void
sighej_window_class_init (SighejWindowClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  g_type_ensure (SIGHEJ_TYPE_NOTICE_BAR);
  object_class->dispose = sighej_window_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               SIGHEJ_CLIENT_PATH "/sighej-window.ui");
  gtk_widget_class_install_action (widget_class, SIGHEJ_TOAST_ACTION, "s", show_toast);
  gtk_widget_class_bind_template_child (widget_class, SighejWindow, notice);
  gtk_widget_class_bind_template_child (widget_class, SighejWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, SighejWindow, stack);
}

static void
sighej_window_init (SighejWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  sighej_stack_hide_from_readers (self->stack);
}

/* As it was when it was closed last. */
static void
bind_size (SighejWindow *self)
{
  GSettings *settings = sighej_model_get_settings (self->model);

  if (settings == NULL)
    return;
  g_settings_bind (settings, "window-width", self, "default-width", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "window-height", self, "default-height", G_SETTINGS_BIND_DEFAULT);
}

SighejWindow *
sighej_window_new (GtkApplication *application, SighejModel *model)
{
  SighejWindow *self = g_object_new (SIGHEJ_TYPE_WINDOW, "application", application, NULL);

  self->model = g_object_ref (model);
  bind_size (self);
  sighej_notice_bar_follow (self->notice, self->model);
  sighej_error_toast_follow (self->toasts, self->model);
  g_signal_connect_object (
      self->model, "screen-changed", G_CALLBACK (show_screen), self, G_CONNECT_SWAPPED);
  show_screen (self);
  return self;
}

void
sighej_window_toast (SighejWindow *self, const char *sentence)
{
  g_return_if_fail (SIGHEJ_IS_WINDOW (self));

  adw_toast_overlay_add_toast (self->toasts, sighej_toast_new (sentence));
}
