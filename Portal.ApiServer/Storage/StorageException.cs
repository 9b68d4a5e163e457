namespace Portal.ApiServer.Storage;

/// <summary>The database took nothing of a write. The message is one line for people; the next write tries again.</summary>
internal sealed class StorageException(string message, bool isFull, Exception inner) : Exception(message, inner)
{
    /// <summary>Whether there is no room left, so that deleting something helps.</summary>
    public bool IsFull { get; } = isFull;
}
