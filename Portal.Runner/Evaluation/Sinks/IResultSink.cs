namespace Portal.Runner.Evaluation.Sinks;

/// <summary>Where the result goes.</summary>
internal interface IResultSink
{
    /// <summary>For people: <c>ConfigMap "x", key "y"</c>.</summary>
    string Place { get; }

    /// <summary>Most bytes it takes; null when there is no limit worth a mention.</summary>
    int? MaxBytes { get; }

    /// <exception cref="FormatException">It could not be written; says why.</exception>
    /// <exception cref="HttpRequestException">The place cannot be reached.</exception>
    /// <exception cref="IOException">The file system refuses.</exception>
    Task WriteAsync(byte[] document, CancellationToken cancellationToken);
}
