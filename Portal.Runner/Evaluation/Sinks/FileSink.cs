namespace Portal.Runner.Evaluation.Sinks;

/// <summary>A file, replaced as a whole. Its directory is made when it is not there.</summary>
internal sealed class FileSink(string path) : IResultSink
{
    public string Place => path;

    public int? MaxBytes => null;

    public async Task WriteAsync(byte[] document, CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            var unfinished = $"{path}.part";
            await File.WriteAllBytesAsync(unfinished, document, cancellationToken);
            File.Move(unfinished, path, overwrite: true);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new FormatException("permission is denied", exception);
        }
    }
}
