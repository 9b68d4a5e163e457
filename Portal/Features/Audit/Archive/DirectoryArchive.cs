using Portal.Embedded;

namespace Portal.Features.Audit.Archive;

/// <summary>Files in a directory, readable by their owner only.</summary>
internal sealed class DirectoryArchive(string directory) : IAuditArchive
{
    public string Place => directory;

    public Task PutAsync(string name, byte[] content, string contentType, CancellationToken cancellationToken)
    {
        try
        {
            DataDirectory.CreatePrivate(directory);
            DataDirectory.WritePrivate(Path.Combine(directory, name), content);
            return Task.CompletedTask;
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new IOException(exception.Message, exception);
        }
    }
}
