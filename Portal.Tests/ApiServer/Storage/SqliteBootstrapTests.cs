using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Microsoft.Data.Sqlite;

namespace Portal.Tests.ApiServer.Storage;

public class SqliteBootstrapTests
{
    // Nothing here loads extensions; it is the one member the older SQLitePCLRaw.core lacks.
    private const string Missing = "sqlite3_load_extension";

    [Fact]
    public void Core_HasEveryMemberThatMicrosoftDataSqliteCalls()
    {
        var core = Assembly.Load("SQLitePCLRaw.core");
        using var file = new PEReader(File.OpenRead(typeof(SqliteConnection).Assembly.Location));
        var metadata = file.GetMetadataReader();
        var absent = metadata.MemberReferences.Select(metadata.GetMemberReference)
            .Where(member => member.Parent.Kind == HandleKind.TypeReference)
            .Select(member => (Type: metadata.GetTypeReference((TypeReferenceHandle)member.Parent), Name: metadata.GetString(member.Name)))
            .Where(member => metadata.GetString(member.Type.Namespace) == "SQLitePCL")
            .Select(member => (Type: metadata.GetString(member.Type.Name), member.Name))
            .Where(member => !Has(core, member.Type, member.Name))
            .Select(member => member.Name);

        Assert.Equal([Missing], absent.Distinct());
    }

    [Fact]
    public void Initialize_BindsTheSystemsLibrary()
    {
        using var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();

        Assert.True(Version.Parse(connection.ServerVersion) >= new Version(3, 37), connection.ServerVersion);
    }

    private static bool Has(Assembly core, string type, string member) => core.GetType("SQLitePCL." + type)?
        .GetMember(member, BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static).Length > 0;
}
