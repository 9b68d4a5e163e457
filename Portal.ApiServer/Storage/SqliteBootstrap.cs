using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using SQLitePCL;

namespace Portal.ApiServer.Storage;

/// <summary>
/// Binds Microsoft.Data.Sqlite to the system's libsqlite3 (Debian package <c>libsqlite3-0</c>). It runs when this assembly is loaded;
/// a program that opens SQLite before touching any type of this assembly calls <see cref="Initialize"/> first.
/// </summary>
public static class SqliteBootstrap
{
    private static int s_done;

    /// <summary>Wires the native library once; later calls do nothing.</summary>
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "Tests and tools load this assembly without running the portal's Program.")]
    public static void Initialize()
    {
        if (Interlocked.Exchange(ref s_done, 1) != 0)
        {
            return;
        }

        // Microsoft.Data.Sqlite asks for a newer SQLitePCLRaw.core than the one that restores; the members it uses are the same.
        AssemblyLoadContext.Default.Resolving += static (context, name) =>
            name is { Name: "SQLitePCLRaw.core", Version: not null } ? context.LoadFromAssemblyName(new AssemblyName("SQLitePCLRaw.core")) : null;
        Wire();
    }

    // Kept apart and not inlined: its types resolve only after the handler above is in place.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Wire()
    {
        NativeLibrary.SetDllImportResolver(
            typeof(SQLite3Provider_e_sqlite3).Assembly,
            static (name, assembly, path) => name == "e_sqlite3" ? NativeLibrary.Load("libsqlite3.so.0", assembly, path) : IntPtr.Zero);
        raw.SetProvider(new SQLite3Provider_e_sqlite3());
        raw.FreezeProvider();
    }
}
