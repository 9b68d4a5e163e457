using System.Collections.Frozen;

namespace Portal.Runner.Contract;

/// <summary>Where the operator puts files and the runner reads them, below a root that is <c>/genkit</c> in a pod.</summary>
public static class RuntimeLayout
{
    public const string DefaultRoot = "/genkit";
    public const string ConfigFile = "config.json";
    public const string ManifestFile = "manifest.json";
    public const string PromptsDirectory = "prompts";
    public const string ToolsDirectory = "tools";
    public const string FlowsDirectory = "flows";
    public const string CredentialsDirectory = "credentials";
    public const string HeadersDirectory = "headers";
    public const string PromptExtension = ".prompt";

    /// <summary>Paths, without the slash, that the runner answers itself and no flow or prompt can have.</summary>
    public static IReadOnlySet<string> ReservedRoutes { get; } =
        new[] { "healthz", "readyz", "metrics", "openapi.json" }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Environment variables the runner reads.</summary>
    public const string RootVariable = "GENKIT_ROOT";
    public const string PortVariable = "PORT";
    public const string FlowNameVariable = "GENKIT_FLOW_NAME";

    /// <summary>The FlowSet whose flows run here: their calls are counted as <c>set/flow</c>, since two FlowSets may have flows of one name.</summary>
    public const string FlowSetNameVariable = "GENKIT_FLOWSET_NAME";

    /// <summary>How often changed files are looked for, in seconds; 0 is never.</summary>
    public const string ReloadVariable = "GENKIT_RELOAD_SECONDS";

    /// <summary>How long running calls may finish after the order to stop, in seconds.</summary>
    public const string DrainVariable = "GENKIT_DRAIN_SECONDS";

    /// <summary>File with the addresses of Services, where there is no cluster DNS to ask: <c>{"name.namespace.svc": ["127.0.0.1:8080"]}</c>.</summary>
    public const string ServicesVariable = "GENKIT_SERVICES_FILE";

    /// <summary>Kubernetes namespace of the flow, for usage records.</summary>
    public const string NamespaceVariable = "GENKIT_NAMESPACE";

    /// <summary>Where usage is sent: the portal's address; nothing is kept when it is not set.</summary>
    public const string UsageUrlVariable = "GENKIT_USAGE_URL";

    /// <summary>The token for it, or the file that holds it and may change.</summary>
    public const string UsageTokenVariable = "GENKIT_USAGE_TOKEN";
    public const string UsageTokenFileVariable = "GENKIT_USAGE_TOKEN_FILE";

    /// <summary>Folder where records wait for the portal; several runners may share it.</summary>
    public const string UsageSpoolVariable = "GENKIT_USAGE_SPOOL";
}
