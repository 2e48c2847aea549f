/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-export-own-data.h"

#include <gio/gunixfdlist.h>

#include "sighej-export.h"
#include "sighej-own-data.h"
#include "sighej-pipes.h"

#define SESSION_PATH "/session"

struct _SighejExportOwnData
{
  GObject parent_instance;

  SighejPerson *person;
  SighejPipes *pipes;
};

G_DEFINE_FINAL_TYPE (SighejExportOwnData, sighej_export_own_data, G_TYPE_OBJECT)

static void
sighej_export_own_data_init (SighejExportOwnData *self)
{
}

static void
sighej_export_own_data_dispose (GObject *object)
{
  SighejExportOwnData *self = SIGHEJ_EXPORT_OWN_DATA (object);

  g_clear_object (&self->pipes);
  g_clear_object (&self->person);

  G_OBJECT_CLASS (sighej_export_own_data_parent_class)->dispose (object);
}

static void
sighej_export_own_data_class_init (SighejExportOwnDataClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sighej_export_own_data_dispose;
}

typedef struct
{
  SighejExportOwnData *self;
  SighejDBusManager1 *manager;
  GDBusMethodInvocation *invocation;
} Call;

static Call *
call_new (SighejExportOwnData *self, SighejDBusManager1 *manager, GDBusMethodInvocation *invocation)
{
  Call *call = g_new0 (Call, 1);

  call->self = g_object_ref (self);
  call->manager = g_object_ref (manager);
  call->invocation = invocation;
  return call;
}

static void
call_free (Call *call)
{
  g_object_unref (call->self);
  g_object_unref (call->manager);
  g_free (call);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Call, call_free)

/* The manager's properties that may be written, or those that may not. (transfer full) */
static GVariant *
get_properties (SighejDBusManager1 *manager, gboolean written)
{
  GDBusInterfaceInfo *info = sighej_dbus_manager1_interface_info ();
  g_autoptr (GVariant) all
      = g_dbus_interface_skeleton_get_properties (G_DBUS_INTERFACE_SKELETON (manager));
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  for (guint i = 0; info->properties[i] != NULL; i++)
    {
      const GDBusPropertyInfo *property = info->properties[i];
      g_autoptr (GVariant) value = g_variant_lookup_value (all, property->name, NULL);
      gboolean is_written = (property->flags & G_DBUS_PROPERTY_INFO_FLAGS_WRITABLE) != 0;

      if (value != NULL && is_written == written)
        g_variant_builder_add (&builder, "{sv}", property->name, value);
    }
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

static void
on_fetched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Call) call = user_data;
  g_autoptr (GError) problem = NULL;
  g_autoptr (GBytes) backend = sighej_link_fetch_finish (SIGHEJ_LINK (source), result, &problem);
  g_autoptr (GVariant) settings = get_properties (call->manager, TRUE);
  g_autoptr (GVariant) opening = get_properties (call->manager, FALSE);
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GBytes) written = NULL;
  GError *error = NULL;
  SighejOwnData data = {
    .person = call->self->person,
    .settings = settings,
    .opening = opening,
    .backend = backend,
    .problem = problem,
  };
  int fd;

  written = sighej_own_data_write (&data);
  fd = sighej_pipes_write (call->self->pipes, written, &error);
  if (fd < 0)
    {
      sighej_export_return_error (call->invocation, error);
      return;
    }
  fds = g_unix_fd_list_new_from_array (&fd, 1);
  sighej_dbus_manager1_complete_export (
      call->manager, call->invocation, fds, g_variant_new_handle (0));
}

static gboolean
handle_export (SighejDBusManager1 *manager,
               GDBusMethodInvocation *invocation,
               GUnixFDList *sent_fds,
               SighejExportOwnData *self)
{
  sighej_link_fetch_async (sighej_person_get_link (self->person),
                           SESSION_PATH,
                           on_fetched,
                           call_new (self, manager, invocation));
  return TRUE;
}

SighejExportOwnData *
sighej_export_own_data_new (SighejPerson *person, SighejDBusManager1 *manager)
{
  SighejExportOwnData *self = g_object_new (SIGHEJ_TYPE_EXPORT_OWN_DATA, NULL);

  self->person = g_object_ref (person);
  self->pipes = sighej_pipes_new (sighej_core_get_clock (SIGHEJ_CORE (person)));
  g_signal_connect_object (
      manager, "handle-export", G_CALLBACK (handle_export), self, G_CONNECT_DEFAULT);
  return self;
}
