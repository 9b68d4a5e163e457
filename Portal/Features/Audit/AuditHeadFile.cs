using System.Text;
using Portal.Data;
using Portal.Embedded;

namespace Portal.Features.Audit;

/// <summary>
/// Signed heads outside of the database: <c>head.json</c> is the newest. One that the database contradicts is evidence, and is kept as
/// <c>lost-NUMBER.json</c> when the log goes on.
/// </summary>
public sealed class AuditHeadFile(string directory)
{
    private readonly string _newest = Path.Combine(directory, "head.json");

    /// <summary>Every head there is; files that hold none are named in <paramref name="unreadable"/>.</summary>
    public IReadOnlyList<AuditHead> Read(ICollection<string> unreadable) => Read(directory, unreadable, ["head.json", "lost-*.json"]);

    /// <summary>The newest; null when there is none.</summary>
    public AuditHead? Newest => File.Exists(_newest) ? AuditJson.ReadHead(File.ReadAllText(_newest)) : null;

    /// <summary>Makes <paramref name="head"/> the newest, keeping <paramref name="contradicted"/>, which was the newest.</summary>
    public void Write(AuditHead head, AuditHead? contradicted)
    {
        if (contradicted is not null)
        {
            File.Move(_newest, Path.Combine(directory, $"lost-{contradicted.Sequence}.json"), overwrite: true);
        }

        DataDirectory.WritePrivate(_newest, Encoding.UTF8.GetBytes(AuditJson.Write(head)));
    }

    internal static List<AuditHead> Read(string directory, ICollection<string> unreadable, params IEnumerable<string> patterns)
    {
        List<AuditHead> heads = [];
        foreach (var path in patterns.SelectMany(pattern => Directory.Exists(directory) ? Directory.EnumerateFiles(directory, pattern) : []))
        {
            if (AuditJson.ReadHead(File.ReadAllText(path)) is { } head)
            {
                heads.Add(head);
            }
            else
            {
                unreadable.Add(path);
            }
        }

        return heads;
    }
}
