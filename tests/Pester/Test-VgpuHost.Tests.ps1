BeforeAll { . (Join-Path $PSScriptRoot 'Common.ps1') }

Describe 'Test-VgpuHost' {
    BeforeEach { $null = New-TestLab }
    AfterAll { Disconnect-All }

    It 'finds nothing on a host that is well' {
        $all = Test-VgpuHost
        $all.Count | Should -BeGreaterOrEqual 40
        $all | Where-Object -Not Passed | Should -BeNullOrEmpty
        $all.VgpuHost | Select-Object -Unique | Should -Be 'lab'
        Test-VgpuHost -Quiet | Should -BeTrue
    }

    It 'finds what a bare host lacks, with evidence, cause and command' {
        $null = New-TestLab -Option @{ Bare = $true }
        $found = Test-VgpuHost | Where-Object -Not Passed
        $found.Check | Should -Be 'NouveauLoaded', 'DriverMissing'
        $found.RecommendedAction | Should -BeLike '*Initialize-VgpuHost*'
        $found.Cause | Should -HaveCount 2
        Test-VgpuHost -Quiet | Should -BeFalse
    }

    It 'takes names, wildcards and areas, and completes names' {
        (Test-VgpuHost Iommu*).Check | Should -Be 'IommuOff', 'IommuOffInFirmware'
        (Test-VgpuHost -Check Licensing).Area | Select-Object -Unique | Should -Be 'Licensing'
        (Get-TestError { Test-VgpuHost Nonsense }).FullyQualifiedErrorId | Should -BeLike 'InvalidRequest,*'
        Get-TestCompletion 'Test-VgpuHost -Check Nouveau' | Should -Be 'NouveauLoaded', 'NouveauNotBlacklisted'
    }

    It 'asks every host' {
        $null = Connect-VgpuHost -Lab L40S -Name other
        (Test-VgpuHost NoGpu).VgpuHost | Sort-Object | Should -Be 'lab', 'other'
    }
}
