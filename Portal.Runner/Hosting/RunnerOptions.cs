using System.Globalization;
using System.Net;
using Portal.Runner.Contract;
using Portal.Runner.Reflection;
using Portal.Runner.Tools;
using Portal.Runner.Usage;

namespace Portal.Runner.Hosting;

/// <summary>How a runner process was asked to run: the command line wins over the environment.</summary>
internal sealed record RunnerOptions
{
    public const string HostVariable = "GENKIT_HOST";
    public const string MaxBodyVariable = "GENKIT_MAX_BODY_BYTES";
    public const string DrainVariable = RuntimeLayout.DrainVariable;
    public const string ConnectionsVariable = "GENKIT_MAX_CONNECTIONS";
    public const string CorsVariable = "GENKIT_CORS_ORIGINS";
    public const string ReloadVariable = RuntimeLayout.ReloadVariable;
    public const string CallTimeoutVariable = "GENKIT_CALL_TIMEOUT_SECONDS";
    public const string LogContentVariable = "GENKIT_LOG_CONTENT";
    private const int DefaultPort = 8080;
    private const int DefaultCallSeconds = 3600;

    public string Root { get; init; } = RuntimeLayout.DefaultRoot;
    public int Port { get; init; } = DefaultPort;

    /// <summary>Address to listen on; null means all.</summary>
    public IPAddress? Host { get; init; }

    /// <summary>Ends the process when standard input closes; then it belongs to a local parent and listens on loopback unless told otherwise.</summary>
    public bool ExitWithStdin { get; init; }

    /// <summary>Name of the Flow when <c>config.json</c> has none.</summary>
    public string? FlowName { get; init; }

    /// <summary>The FlowSet whose flows are served; null for none.</summary>
    public string? FlowSetName { get; init; }

    public long MaxBodyBytes { get; init; } = 1024 * 1024;

    /// <summary>How long one call may take, all its turns and tools included; zero means without end.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(DefaultCallSeconds);

    /// <summary>Whether inputs and answers go to the log; without it no log line has any of them.</summary>
    public bool LogContent { get; init; }

    /// <summary>How long running calls may go on after the runner was asked to stop.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Where tools may connect to.</summary>
    public ToolNetwork ToolNetwork { get; init; } = new();

    /// <summary>Open connections beyond this are closed at once.</summary>
    public long MaxConnections { get; init; } = 10_000;

    /// <summary>How long a body may come slower than 240 bytes a second.</summary>
    public TimeSpan SlowBodyGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Origins whose pages may call flows; <c>*</c> means all.</summary>
    public IReadOnlyCollection<string> CorsOrigins { get; init; } = [];

    /// <summary>How often changed files are looked for; zero means never.</summary>
    public TimeSpan ReloadInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Kubernetes namespace of the flow; null when nobody said.</summary>
    public string? Namespace { get; init; }

    /// <summary>Who is told of each call; null when nobody is.</summary>
    public UsageOptions? Usage { get; init; }

    /// <summary>How Genkit's development tools reach this process; null outside development.</summary>
    public ReflectionOptions? Reflection { get; init; }

    /// <exception cref="StartupException">An argument or variable is unknown or wrong; all of them are named.</exception>
    public static RunnerOptions Parse(IReadOnlyList<string> args, Func<string, string?> environment)
    {
        List<string> errors = [];
        var values = ReadArguments(args, errors);
        string? host = Value("--host", HostVariable), flowName = environment(RuntimeLayout.FlowNameVariable);
        var exitWithStdin = values.ContainsKey("--exit-with-stdin");
        var options = new RunnerOptions
        {
            Root = Path.GetFullPath(Value("--root", RuntimeLayout.RootVariable) ?? RuntimeLayout.DefaultRoot),
            Port = (int)Number("--port", RuntimeLayout.PortVariable, DefaultPort, 0, ushort.MaxValue),
            Host = host is null ? (exitWithStdin ? IPAddress.Loopback : null) : ParseHost(host),
            ExitWithStdin = exitWithStdin,
            FlowName = string.IsNullOrWhiteSpace(flowName) ? null : flowName.Trim(),
            FlowSetName = environment(RuntimeLayout.FlowSetNameVariable)?.Trim() is { Length: > 0 } flowSet ? flowSet : null,
            MaxBodyBytes = Number(null, MaxBodyVariable, 1024 * 1024, 1, 1024 * 1024 * 1024),
            MaxConnections = Number(null, ConnectionsVariable, 10_000, 1, 1_000_000),
            CorsOrigins = (environment(CorsVariable) ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
            ReloadInterval = TimeSpan.FromSeconds(Number(null, ReloadVariable, 1, 0, 3600)),
            Namespace = environment(RuntimeLayout.NamespaceVariable) is { Length: > 0 } name ? name : null,
            Usage = UsageOptions.Read(environment, errors),
            Reflection = ReflectionOptions.Read(environment, Environment.CurrentDirectory),
            CallTimeout = TimeSpan.FromSeconds(Number(null, CallTimeoutVariable, DefaultCallSeconds, 0, 86_400)),
            Drain = TimeSpan.FromSeconds(Number(null, DrainVariable, 20, 0, 3600)),
            ToolNetwork = ToolNetwork.FromEnvironment(environment),
            LogContent = Flag(LogContentVariable),
        };
        return errors.Count == 0 ? options : throw new StartupException(string.Join("; ", errors));

        string? Value(string? argument, string variable) =>
            argument is not null && values.TryGetValue(argument, out var given) ? given : environment(variable) is { Length: > 0 } set ? set : null;

        long Number(string? argument, string variable, long fallback, long least, long most)
        {
            var text = Value(argument, variable);
            if (text is null || (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most))
            {
                return text is null ? fallback : long.Parse(text, CultureInfo.InvariantCulture);
            }

            var source = argument is not null && values.ContainsKey(argument) ? argument : variable;
            errors.Add($"{source}: \"{text}\" is not a whole number from {least} to {most}");
            return fallback;
        }

        bool Flag(string variable)
        {
            var text = environment(variable);
            if (text is not (null or "" or "true" or "false"))
            {
                errors.Add($"{variable}: \"{text}\" is neither true nor false");
            }

            return text == "true";
        }

        IPAddress? ParseHost(string text)
        {
            if (text is "localhost")
            {
                return IPAddress.Loopback;
            }

            if (IPAddress.TryParse(text, out var address))
            {
                return address;
            }

            errors.Add($"--host: \"{text}\" is not an IP address");
            return null;
        }
    }

    private static Dictionary<string, string> ReadArguments(IReadOnlyList<string> args, List<string> errors)
    {
        Dictionary<string, string> values = [];
        for (var index = 0; index < args.Count; index++)
        {
            var (name, value) = args[index].Split('=', 2) is [var left, var right] ? (left, right) : (args[index], null);
            switch (name)
            {
                case "--exit-with-stdin" when value is null:
                    values[name] = "";
                    break;
                case "--root" or "--port" or "--host" when value is not null:
                    values[name] = value;
                    break;
                case "--root" or "--port" or "--host" when index + 1 < args.Count:
                    values[name] = args[++index];
                    break;
                case "--root" or "--port" or "--host":
                    errors.Add($"{name} needs a value");
                    break;
                default:
                    errors.Add($"unknown argument \"{args[index]}\" (known: --root DIR, --port N, --host ADDRESS, --exit-with-stdin)");
                    break;
            }
        }

        return values;
    }
}
