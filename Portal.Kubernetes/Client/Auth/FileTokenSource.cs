using Portal.Kubernetes.Configuration;

namespace Portal.Kubernetes.Client.Auth;

/// <summary>A token in a file that is replaced from time to time: read again every ten seconds, and at once when the server refuses it.
/// While the file cannot be read the last token stays in use.</summary>
internal sealed class FileTokenSource(string file, TimeProvider timeProvider) : ITokenSource
{
    private static readonly TimeSpan s_fresh = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private string? _token;
    private DateTimeOffset _readAgain;

    public ValueTask<Credential> GetAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var now = timeProvider.GetUtcNow();
            if (_token is null || now >= _readAgain)
            {
                _token = Read() ?? _token ?? throw new KubeConfigException($"{file}: the token file is empty or cannot be read.");
                _readAgain = now + s_fresh;
            }

            return new(new Credential(_token, null));
        }
    }

    public void Invalidate(Credential refused)
    {
        lock (_lock)
        {
            _readAgain = refused.Token == _token ? DateTimeOffset.MinValue : _readAgain;
        }
    }

    private string? Read()
    {
        try
        {
            return File.ReadAllText(file).Trim() is { Length: > 0 } token ? token : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
