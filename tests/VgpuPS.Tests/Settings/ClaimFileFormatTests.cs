using System.Text;
using FsCheck;
using FsCheck.Fluent;
using VgpuPS.Core.Claims;
using VgpuPS.Core.Errors;
using VgpuPS.Core.Gpu;
using Xunit;

namespace VgpuPS.Tests.Settings;

public sealed class ClaimFileFormatTests
{
    private const string Path = "/run/vgpups/claims.json";
    private const string Claim =
        """{"vm":101,"entry":0,"type":689,"state":"live","candidates":["0000:41:00.4"],"function":"0000:41:00.4"}""";

    private const string Instance = """{"gpu":"0000:41:00.0","profile":14,"start":0,"size":1,"isOurs":true}""";

    [Fact]
    public void What_was_written_is_read_back() =>
        Prop.ForAll(
            Files().ToArbitrary(),
            file =>
            {
                var bytes = ClaimFileFormat.Write(file);
                var again = ClaimFileFormat.Read(bytes, Path);
                return again.Claims.Select(Text).Order().SequenceEqual(file.Claims.Select(Text).Order())
                    && again.Instances.Order(ByPlace()).SequenceEqual(file.Instances.Order(ByPlace()))
                    && again.Demand.Keys.Order().SequenceEqual(file.Demand.Keys.Order())
                    && again.Demand.All(model => model.Value.Order(ByName()).SequenceEqual(
                        file.Demand[model.Key].Order(ByName())))
                    && ClaimFileFormat.Write(again).SequenceEqual(bytes);
            }).Holds();

    [Fact]
    public void Arbitrary_bytes_give_claims_or_one_exception() =>
        Prop.ForAll<byte[]>(bytes => IsReadOrRefused(bytes)).Holds();

    [Fact]
    public void A_damaged_file_gives_claims_or_one_exception()
    {
        var good = Encoding.UTF8.GetBytes(File(Claim, Instance));
        Prop.ForAll<int, byte>((place, value) =>
        {
            var bad = good.ToArray();
            bad[Math.Abs(place % bad.Length)] = value;
            return IsReadOrRefused(bad);
        }).Holds();
        for (var length = 0; length < good.Length; length++)
        {
            Assert.Throws<UnreadableDataException>(() => ClaimFileFormat.Read(good.AsSpan(0, length), Path));
        }
    }

    [Theory]
    [InlineData("vm\":101", "vm\":99")]
    [InlineData("entry\":0", "entry\":16")]
    [InlineData("type\":689", "type\":0")]
    [InlineData("type\":689", "type\":-1")]
    [InlineData("\"live\"", "\"Live\"")]
    [InlineData("[\"0000:41:00.4\"]", "[\"41\"]")]
    [InlineData("[\"0000:41:00.4\"]", "[null]")]
    [InlineData("[\"0000:41:00.4\"]", "null")]
    [InlineData("function\":\"0000:41:00.4", "function\":\"x")]
    [InlineData("function", "mdev")]
    [InlineData("function", "other")]
    [InlineData("\"vm\":101,", "")]
    [InlineData("size\":1", "size\":0")]
    [InlineData("size\":1", "size\":33")]
    [InlineData("start\":0", "start\":-1")]
    [InlineData("gpu\":\"0000:41:00.0", "gpu\":\"4b")]
    [InlineData("\"demand\":{}", "\"demand\":{\"A30\":null}")]
    [InlineData("\"demand\":{}", "\"demand\":{\"A30\":{\"1g.6gb\":-1}}")]
    public void A_wrong_value_is_refused_with_its_place(string good, string bad)
    {
        var text = File(Claim, Instance);
        Assert.Contains(good, text, StringComparison.Ordinal);
        _ = Read(text);
        var failure = Assert.Throws<UnreadableDataException>(
            () => Read(text.Replace(good, bad, StringComparison.Ordinal)));
        Assert.Equal(ErrorIds.UnreadableData, failure.ErrorId);
        Assert.Matches("line [0-9]+, column [0-9]+:", failure.Message);
    }

    [Fact]
    public void A_wrong_claim_is_found_by_line()
    {
        var text = File(Claim + ",\n" + Claim.Replace("live", "gone", StringComparison.Ordinal), Instance);
        var failure = Assert.Throws<UnreadableDataException>(() => Read(text));
        Assert.Contains("line 2, column 40:", failure.Message, StringComparison.Ordinal);
        Assert.Contains("claims[1].state is 'gone', and must be one of pending, live, held", failure.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_newer_version_names_both_numbers()
    {
        var failure = Assert.Throws<UnreadableDataException>(() => Read("""{"version":7,"claims":0,"x":1}"""));
        Assert.Equal(ErrorIds.NewerVersion, failure.ErrorId);
        Assert.Contains("version 7", failure.Message, StringComparison.Ordinal);
        Assert.Contains("up to 1", failure.Message, StringComparison.Ordinal);
    }

    private static bool IsReadOrRefused(byte[] bytes)
    {
        try
        {
            _ = ClaimFileFormat.Read(bytes, Path);
        }
        catch (UnreadableDataException)
        {
            return true;
        }

        return true;
    }

    private static ClaimFile Read(string text) => ClaimFileFormat.Read(Encoding.UTF8.GetBytes(text), Path);

    private static string File(string claims, string instances) =>
        $$$"""{"version":1,"claims":[{{{claims}}}],"instances":[{{{instances}}}],"demand":{}}""";

    private static string Text(VgpuClaim claim) =>
        $"{claim with { Candidates = [] }} {string.Join(' ', claim.Candidates)}";

    private static Comparer<ManagedInstance> ByPlace() => Comparer<ManagedInstance>.Create(
        (left, right) => string.CompareOrdinal(left.ToString(), right.ToString()));

    private static Comparer<KeyValuePair<string, double>> ByName() => Comparer<KeyValuePair<string, double>>.Create(
        (left, right) => string.CompareOrdinal(left.Key, right.Key));

    private static Gen<ClaimFile> Files()
    {
        var address = Gen.Choose(0, 0xFFFF).Select(id => new PciAddress(0, 0, 0, 0).Plus(id));
        var claim =
            from vm in Gen.Choose(100, 999_999_999)
            from entry in Gen.Choose(0, 15)
            from type in Gen.Choose(1, int.MaxValue)
            from state in Gen.Elements(ClaimState.Pending, ClaimState.Live, ClaimState.Held)
            from candidates in address.ListOf()
            from function in address
            from hasFunction in Gen.Elements(true, false)
            from hasDevice in Gen.Elements(true, false)
            select new VgpuClaim(
                new VmId(vm), entry, new VgpuTypeId((uint)type), state, candidates, hasFunction ? function : null,
                hasDevice ? MdevUuid.ForVm(new VmId(vm), entry) : null, hasFunction, hasDevice ? long.MaxValue : 0);
        var instance =
            from gpu in address
            from profile in Gen.Choose(0, 70)
            from start in Gen.Choose(0, 7)
            from size in Gen.Choose(1, 8)
            from id in Gen.Choose(-1, 14)
            select new ManagedInstance(
                gpu, new ProfileId((uint)profile), new Placement(start, size),
                id < 0 ? null : new GpuInstanceId((uint)id), id % 2 == 0, id < 5 ? null : new ComputeInstanceId(0));
        var demand =
            from models in Gen.Elements("A30", "H100 \"x\"", "ä\n").ListOf()
            from weight in Gen.Choose(0, 1000)
            select (IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>>)models.Distinct().ToDictionary(
                model => model,
                _ => (IReadOnlyDictionary<string, double>)new Dictionary<string, double> { ["1g.6gb"] = weight / 7.0 });
        return from claims in claim.ListOf()
               from instances in instance.ListOf()
               from demands in demand
               select new ClaimFile([.. claims], [.. instances], demands);
    }
}
