using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.EntityFrameworkCore;
using Portal.Data;

namespace Portal.Auth;

/// <summary>The keys of cookies, forms and stored sessions in the database, for all portals that share it.</summary>
internal sealed class DatabaseKeys(PortalDatabase database) : IXmlRepository
{
    private const string Prefix = "protection/";
    private static readonly TimeSpan s_lifetime = TimeSpan.FromDays(90);

    private PortalDbContext? _first;

    public IReadOnlyCollection<XElement> GetAllElements() =>
        [.. database.Read(static context => context.SharedKeys.Where(key => key.Name.StartsWith(Prefix)).OrderBy(key => key.Name).Select(key => key.Content).ToList()).Select(XElement.Parse)];

    public void StoreElement(XElement element, string friendlyName)
    {
        var key = new SharedKey { Name = Prefix + friendlyName, Content = element.ToString(SaveOptions.DisableFormatting) };
        if (_first is { } context)
        {
            context.SharedKeys.Add(key);
        }
        else
        {
            // Not on the caller's thread, which may be one that a page waits for.
            Task.Run(() => database.WriteAsync(other => other.SharedKeys.AddAsync(key).AsTask(), CancellationToken.None)).GetAwaiter().GetResult();
        }
    }

    /// <summary>A key of a data directory.</summary>
    public static SharedKey KeyOf(FileInfo file) => new() { Name = Prefix + Path.GetFileNameWithoutExtension(file.Name), Content = File.ReadAllText(file.FullName) };

    /// <summary>Makes the first key where there is none: of portals that start together one does it, or each would sign people in that the others do not know.</summary>
    public Task PrepareAsync(IKeyManager keys, TimeProvider clock) => database.WriteAsync(
        async context =>
        {
            if (!await context.SharedKeys.AnyAsync(key => key.Name.StartsWith(Prefix)))
            {
                _first = context;
                var now = clock.GetUtcNow();
                keys.CreateNewKey(now, now + s_lifetime);
                _first = null;
            }
        },
        CancellationToken.None);
}
