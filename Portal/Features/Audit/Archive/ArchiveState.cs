using System.Text;
using Portal.Embedded;

namespace Portal.Features.Audit.Archive;

/// <summary>Which rows an archive has already: <c>exported.json</c> beside the keys. Losing it exports again, which changes nothing.</summary>
internal sealed class ArchiveState(string directory)
{
    private readonly string _path = Path.Combine(directory, "exported.json");

    /// <summary>When something was last copied to any place; null when nothing ever was.</summary>
    public DateTimeOffset? LastTime => File.Exists(_path) ? new DateTimeOffset(File.GetLastWriteTimeUtc(_path), TimeSpan.Zero) : null;

    /// <summary>The last row that is at a place; 0 when none is.</summary>
    public long LastAt(string place) => Read().GetValueOrDefault(place);

    public void Set(string place, long sequence)
    {
        var all = Read();
        all[place] = sequence;
        DataDirectory.WritePrivate(_path, Encoding.UTF8.GetBytes(JsonSerializer.Serialize(all, AuditJson.Options)));
    }

    private Dictionary<string, long> Read()
    {
        try
        {
            return File.Exists(_path) ? JsonSerializer.Deserialize<Dictionary<string, long>>(File.ReadAllText(_path)) ?? [] : [];
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
