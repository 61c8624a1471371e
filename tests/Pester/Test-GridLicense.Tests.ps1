BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
}

. (Join-Path $PSScriptRoot 'Shared.ps1')

$prepare = 'Enable-Sriov 0; Add-VmVgpu 101, 102 A30-6C; Start-LabVm 101, 102'
Add-CommandTest 'Test-GridLicense' -Prepare $prepare -Wrong @(
    , @('Test-GridLicense 4711', 'VmNotFound', 'ObjectNotFound')
    , @("Test-GridLicense 101 -ExpiresWithin '-01:00:00'", 'InvalidRequest', 'InvalidArgument')
    , @('Test-GridLicense 101 -Session nobody', 'SessionNotFound', 'ObjectNotFound')
) -Complete @(, @('Test-GridLicense we', '101'))

Add-ReadingTest 'Test-GridLicense' -Prepare $prepare -Back 'Test-GridLicense'

Describe 'Test-GridLicense' {
    BeforeEach {
        New-TestLab | Out-Null
        Enable-Sriov 0
        Add-VmVgpu 101, 104 A30-6C
        Start-LabVm 101, 104
        $token = Join-Path $TestDrive 'lab.tok'
        New-LabToken $token
        Set-GridLicense 101 -TokenPath $token
    }

    AfterAll { Disconnect-All }

    It 'tells of each running vGPU whether it is licensed, and what to do' {
        $tests = Test-GridLicense
        $tests.VmId | Should -Be 101, 104
        $tests.Passed | Should -Be $true, $false
        $tests[0].Message | Should -BeNullOrEmpty
        $tests[1].Message | Should -Match 'Unlicensed'
        $tests[1].RecommendedAction | Should -Match 'Set-GridLicense 104 -TokenPath'
    }

    It 'fails before a licence ends' {
        $test = Test-GridLicense 101 -ExpiresWithin '2.00:00:00'
        $test.Passed | Should -BeFalse
        $test.Message | Should -Match 'ends at 2026-01-06'
        Test-GridLicense 101 -ExpiresWithin '01:00:00' -Quiet | Should -BeTrue
    }

    It 'gives one Boolean a vGPU where that is asked for' {
        Test-GridLicense 101, 104 -Quiet | Should -Be $true, $false
        Test-GridLicense 101 -Quiet | Should -BeOfType bool
    }

    It 'fails a VM that runs no vGPU, and says how it gets one' {
        $test = Test-GridLicense 103
        $test.Passed | Should -BeFalse
        $test.RecommendedAction | Should -Match 'Add-VmVgpu 103'
    }

    It 'tells where the guest has no driver' {
        Set-LabGuest 104 -Driver ''
        (Test-GridLicense desk).RecommendedAction | Should -Match 'Install-VmVgpuDriver 104'
    }

    It 'goes on after a VM that is not there' {
        (Test-GridLicense 4711, 104 -ErrorAction SilentlyContinue -ErrorVariable failures).VmId | Should -Be 104
        $failures.FullyQualifiedErrorId | Should -Be 'VmNotFound,VgpuPS.Commands.TestGridLicenseCommand'
    }

    It 'tests the other hosts where one cannot be read' {
        Connect-VgpuHost -Lab A30 -Bare -Name bare | Out-Null
        $tests = Test-GridLicense -ErrorAction SilentlyContinue -ErrorVariable failures
        $tests.VmId | Should -Be 101, 104
        $failures | Should -HaveCount 1
        $failures[0].CategoryInfo.Category | Should -Be 'NotEnabled'
    }

    It 'asks which host is meant where a VM is on two' {
        Connect-VgpuHost -Lab A30 -Name other | Out-Null
        (Get-TestError { Test-GridLicense 101 }).FullyQualifiedErrorId | Should -BeLike 'AmbiguousVm,*'
        (Test-GridLicense 101 -Session other).Passed | Should -BeFalse
    }
}
