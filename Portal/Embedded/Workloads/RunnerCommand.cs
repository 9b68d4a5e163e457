using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Portal.Runner.Contract;

namespace Portal.Embedded.Workloads;

/// <summary>How a runner is started on this machine: <c>dotnet Portal.Runner.dll</c>, which lies beside the portal.</summary>
internal sealed record RunnerCommand(string Host, string Assembly)
{
    /// <summary>Where runners look up other flows; null for nowhere.</summary>
    public string? ServicesFile { get; init; }

    // What a process needs to start and to trust certificates. Everything else the portal was given stays with the portal.
    private static readonly string[] s_inherited = ["PATH", "HOME", "TMPDIR", "TEMP", "TMP", "SystemRoot", "USERPROFILE", "LANG", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR"];
    private static readonly string[] s_notInherited = ["DOTNET_URLS", "DOTNET_ENVIRONMENT", "DOTNET_STARTUP_HOOKS", "DOTNET_CONTENTROOT"];

    /// <exception cref="StartupException">The runner is not where the build puts it.</exception>
    public static RunnerCommand Find()
    {
        var assembly = Path.Combine(AppContext.BaseDirectory, "Portal.Runner.dll");
        return File.Exists(assembly)
            ? new RunnerCommand(FindHost(), assembly)
            : throw new StartupException($"The runner {assembly} is missing. Build or publish the portal again.");
    }

    /// <param name="root">Directory that stands for <c>/genkit</c>.</param>
    /// <param name="port">Loopback port.</param>
    /// <param name="variables">The container's variables.</param>
    public ProcessStartInfo StartInfo(string root, int port, IReadOnlyDictionary<string, string> variables)
    {
        var start = new ProcessStartInfo(Host)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = root,
        };
        var portText = port.ToString(CultureInfo.InvariantCulture);
        foreach (var argument in new[] { Assembly, "--root", root, "--port", portText, "--host", LocalNode.Address, "--exit-with-stdin" })
        {
            start.ArgumentList.Add(argument);
        }

        var own = start.Environment.Where(pair => IsInherited(pair.Key)).ToList();
        start.Environment.Clear();
        foreach (var (name, value) in own.Concat(variables.Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value))))
        {
            start.Environment[name] = Local(value, root);
        }

        if (ServicesFile is not null)
        {
            start.Environment[RuntimeLayout.ServicesVariable] = ServicesFile;
        }

        start.Environment[RuntimeLayout.PortVariable] = portText;
        start.Environment[RuntimeLayout.RootVariable] = root;
        return start;
    }

    // What the container would see below /genkit is below the root here.
    private static string? Local(string? value, string root) => value?.StartsWith(RuntimeLayout.DefaultRoot + "/", StringComparison.Ordinal) == true
        ? string.Concat(root, value.AsSpan(RuntimeLayout.DefaultRoot.Length))
        : value;

    private static bool IsInherited(string name) =>
        s_inherited.Contains(name, StringComparer.OrdinalIgnoreCase) ||
        (name.StartsWith("DOTNET_", StringComparison.Ordinal) && !s_notInherited.Contains(name));

    // The running runtime lies at <root>/shared/Microsoft.NETCore.App/<version>/, so its own host is <root>/dotnet, however the portal was started.
    private static string FindHost()
    {
        var name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        var root = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        var host = Path.Combine(root, name);
        if (File.Exists(host))
        {
            return host;
        }

        return Path.GetFileName(Environment.ProcessPath) == name ? Environment.ProcessPath! : name;
    }
}
