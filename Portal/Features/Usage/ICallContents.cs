using Portal.Data;
using Portal.Runner.Contract;

namespace Portal.Features.Usage;

/// <summary>Given the records of runners that say what went in and out, to keep as much of it as is allowed.</summary>
public interface ICallContents
{
    /// <summary>In the transaction that counts them; the same record may come again.</summary>
    Task KeepAsync(PortalDbContext context, IEnumerable<UsageRecord> records);
}
