namespace Portal.Features.Audit.Archive;

/// <summary>A place outside of the database that keeps copies of the log.</summary>
internal interface IAuditArchive
{
    /// <summary>For people, and to know it again after a restart.</summary>
    string Place { get; }

    /// <summary>Writes a file whole, or not at all; one of the same name is replaced.</summary>
    /// <exception cref="IOException">The place cannot be written to.</exception>
    /// <exception cref="FormatException">The server refuses.</exception>
    /// <exception cref="HttpRequestException">The server cannot be reached.</exception>
    Task PutAsync(string name, byte[] content, string contentType, CancellationToken cancellationToken);
}
