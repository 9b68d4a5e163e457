using System.Globalization;

namespace Portal.Operator.Bench;

/// <summary>The command line.</summary>
/// <param name="Portal">The published portal.</param>
/// <param name="Kubeconfig">The cluster to measure on; null for an embedded API server for each part.</param>
/// <param name="Flows">How many Flows are made, edited and orphaned.</param>
/// <param name="Many">How many are made to see whether the work grows faster than they do.</param>
/// <param name="Parts">Names of the parts to measure; none for all.</param>
internal sealed record BenchSettings(string Portal, string? Kubeconfig, int Flows, int Many, IReadOnlyList<string> Parts)
{
    public static BenchSettings Parse(string[] args)
    {
        var settings = new BenchSettings(args[0], null, 300, 5_000, []);
        for (var index = 1; index < args.Length; index++)
        {
            settings = args[index] switch
            {
                "--kubeconfig" => settings with { Kubeconfig = Path.GetFullPath(args[++index]) },
                "--flows" => settings with { Flows = int.Parse(args[++index], CultureInfo.InvariantCulture) },
                "--many" => settings with { Many = int.Parse(args[++index], CultureInfo.InvariantCulture) },
                var part => settings with { Parts = [.. settings.Parts, part] },
            };
        }

        return settings;
    }
}
