using System.Globalization;

namespace Portal.Embedded.Workloads;

/// <summary>Names of the one node that stands for this machine.</summary>
internal static class LocalNode
{
    public const string Name = "genkit-local";
    public const string Address = "127.0.0.1";
    public const string HashLabel = "pod-template-hash";
    public const string ServiceNameLabel = "kubernetes.io/service-name";
    public const string SliceManagerLabel = "endpointslice.kubernetes.io/managed-by";

    public static string Timestamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
