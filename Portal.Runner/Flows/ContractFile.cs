using System.Text.Json.Serialization.Metadata;
using Portal.Runner.Hosting;

namespace Portal.Runner.Flows;

/// <summary>Reads the contract's JSON files.</summary>
internal static class ContractFile
{
    /// <exception cref="StartupException">The file is missing, unreadable or not of that shape.</exception>
    public static T Read<T>(string path, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            using var stream = File.OpenRead(path);
            return JsonSerializer.Deserialize(stream, type) ?? throw new StartupException($"{path} must hold a JSON object");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new StartupException($"{path} is missing", exception);
        }
        catch (JsonException exception)
        {
            throw new StartupException($"{path} is not valid: {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"{path} cannot be read: {exception.Message}", exception);
        }
    }
}
