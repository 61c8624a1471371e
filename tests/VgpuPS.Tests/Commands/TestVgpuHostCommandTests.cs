using System.Management.Automation;
using VgpuPS.Core.Rows;
using Xunit;

namespace VgpuPS.Tests.Commands;

public sealed class TestVgpuHostCommandTests : ReadingCommandTests
{
    public static TheoryData<string, string, ErrorCategory> Wrong => new()
    {
        { "Test-VgpuHost Nonsense", "CheckNotFound", ErrorCategory.InvalidArgument },
        { "Test-VgpuHost -Session nowhere", "SessionNotFound", ErrorCategory.ObjectNotFound },
    };

    public static TheoryData<string, string> Typed => new()
    {
        { "Test-VgpuHost -Check Nouveau", "NouveauLoaded" },
        { "Test-VgpuHost -Check Nouveau", "NouveauNotBlacklisted" },
    };

    [Fact]
    public void Nothing_is_found_on_a_host_that_is_well()
    {
        Assert.True(Values("Test-VgpuHost").Length >= 40);
        Assert.Empty(Values("Test-VgpuHost | Where-Object -Not Passed"));
        Assert.True(One<bool>("Test-VgpuHost -Quiet"));
    }

    [Fact]
    public void What_a_bare_host_lacks_is_found_with_evidence_cause_and_command()
    {
        Lab(options: "-Bare");
        var found = Values("Test-VgpuHost | Where-Object -Not Passed").Cast<VgpuHostTestInfo>().ToList();
        Assert.Equal(["NouveauLoaded", "DriverMissing"], found.Select(f => f.Check));
        Assert.Contains(found, f => f.RecommendedAction!.Contains("Initialize-VgpuHost", StringComparison.Ordinal));
        Assert.All(found, f => Assert.NotEmpty(f.Cause!));
        Assert.False(One<bool>("Test-VgpuHost -Quiet"));
    }

    [Fact]
    public void Names_wildcards_and_areas_choose()
    {
        Assert.Equal(["IommuOff", "IommuOffInFirmware"], Values("(Test-VgpuHost Iommu*).Check"));
        Assert.Equal(["Licensing"],
            Values("(Test-VgpuHost -Check Licensing).Area | Select-Object -Unique | ForEach-Object ToString"));
    }

    [Fact]
    public void Every_host_is_asked()
    {
        Run("Connect-VgpuHost -Lab L40S -Name other");
        Assert.Equal(["lab", "other"], Values("(Test-VgpuHost NoGpu).VgpuHost | Sort-Object"));
    }
}
